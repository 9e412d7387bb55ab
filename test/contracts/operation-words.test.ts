import { expect, test } from 'vitest'
import { recorded } from '../../src/adapters/zfs/testing.ts'
import type { Operation } from '../../src/domain/operation.ts'
import type { RootOperation } from '../../src/operations/operation.ts'
import { scrubPause } from '../../src/operations/scrub-pause.ts'
import { scrubStart } from '../../src/operations/scrub-start.ts'
import { scrubStop } from '../../src/operations/scrub-stop.ts'

const on = { pool: 'hot', guid: '1' }
const start = { one: scrubStart, operation: scrubStart.of({ ...on, errorsOnly: false }) }
const errors = { one: scrubStart, operation: scrubStart.of({ ...on, errorsOnly: true }) }
const pause = { one: scrubPause, operation: scrubPause.of(on) }
const stop = { one: scrubStop, operation: scrubStop.of(on) }
interface Asked {
  one: RootOperation
  operation: Operation
}

const command = ({ one, operation }: Asked): string =>
  one
    .commands(operation, '')
    .map(({ file, args }) => [file, ...args].join(' '))
    .join()

/** What the words mean where they are said to it. */
const scrubMeaning = ({ one, operation }: Asked, stderr: string) =>
  one.meanings.flatMap(({ pattern, meaning }) => (pattern.test(stderr) ? (meaning(operation) ?? []) : []))[0]

test('builds the commands that were recorded', () => {
  expect(command(start)).toBe(recorded('2.1.11', 'B.scrubstart').cmd)
  expect(command(errors)).toBe(recorded('2.3.9', 'B.errscrub').cmd)
  expect(command(pause)).toBe(recorded('2.3.2', 'B.scrubpause').cmd)
  expect(command(stop)).toBe(recorded('2.3.2', 'B.scrubcancel').cmd)
})

test.each(['2.1.11', '2.3.2', '2.3.9'])('what is so already is what was wanted (recorded on %s)', (version) => {
  const meaning = (operation: Asked, name: string) => {
    const { exit, stderr, cmd } = recorded(version, name)
    expect(exit).toBe(1)
    expect(cmd).toBe(command(operation))
    return scrubMeaning(operation, stderr)
  }
  expect(meaning(start, 'B.scrubtwice')).toEqual({ result: { outcome: 'was-running' } })
  expect(meaning(pause, 'B.pause-twice')).toEqual({ result: { outcome: 'was-paused' } })
  expect(meaning(stop, 'B.scrubcancel-none')).toEqual({ result: { outcome: 'was-none' } })
})

test('the same words where they do not say that what was wanted is so are not known', () => {
  const { stderr } = recorded('2.3.2', 'B.scrubtwice')
  expect(scrubMeaning(errors, stderr)).toBeUndefined()
  expect(scrubMeaning(stop, stderr)).toBeUndefined()
  expect(scrubMeaning(start, recorded('2.3.2', 'B.pause-twice').stderr)).toBeUndefined()
  expect(scrubMeaning(start, recorded('2.3.2', 'B.scrubcancel-none').stderr)).toBeUndefined()
})

test('refusals are failures, by their kind', () => {
  expect(scrubMeaning(errors, recorded('2.1.11', 'B.errscrub').stderr)).toMatchObject({ remedy: 'stop' })
  expect(scrubMeaning(start, recorded('2.1.11', 'K.scrub').stderr)).toMatchObject({ remedy: 'ask' })
  expect(scrubMeaning(start, recorded('2.1.11', 'L.ro-scrub').stderr)).toMatchObject({ remedy: 'ask' })
  expect(scrubMeaning(start, 'cannot scrub hot: currently resilvering\n')).toMatchObject({ remedy: 'retry' })
})

test.each(['', 'cannot scrub hot: I/O error', 'there is no active scrub', recorded('2.3.2', 'Q.scrub').stderr])(
  'unknown words mean nothing: %j',
  (stderr) => {
    for (const operation of [start, errors, pause]) expect(scrubMeaning(operation, stderr)).toBeUndefined()
  },
)
