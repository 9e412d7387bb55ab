import { expect, test } from 'vitest'
import { bashReply, bashWords } from './bash-words.ts'

const values = (line: string) => bashWords(line).map(({ value }) => value)

test.each([
  ['tiercel health ', ['tiercel', 'health', '']],
  ['tiercel  health --code P', ['tiercel', 'health', '--code', 'P']],
  [String.raw`tiercel pools show n1/my\ ta`, ['tiercel', 'pools', 'show', 'n1/my ta']],
  ['tiercel pools show "n1/my ta', ['tiercel', 'pools', 'show', 'n1/my ta']],
  [`tiercel pools show 'n1/my\\ "ta`, ['tiercel', 'pools', 'show', String.raw`n1/my\ "ta`]],
  ['cd x && tiercel he', ['tiercel', 'he']],
  ['TIERCEL_FLEET="a b" B=c tiercel he', ['tiercel', 'he']],
  ['', ['']],
  ['tiercel \\', ['tiercel', '\\']],
])('reads %j', (line, words) => {
  expect(values(line)).toEqual(words)
})

test.each([
  ['n1/my tank', 'tiercel show n1/my', 'n1/my', String.raw`n1/my\ tank`],
  ['n1/my tank', 'tiercel show "n1/my', '"n1/my', 'n1/my tank'],
  ['a:b', 'tiercel show a:', ':', 'b'],
  ['--code=POOL', 'tiercel --code=P', 'P', 'POOL'],
  ['--code=POOL', 'tiercel --code=', '=', 'POOL'],
  ['x;rm -rf $HOME`', 'tiercel ', '', String.raw`x\;rm\ -rf\ \$HOME\``],
])('replies %j to %j', (value, line, current, reply) => {
  const word = bashWords(line).at(-1)
  expect(word && bashReply(value, word, current)).toBe(reply)
})
