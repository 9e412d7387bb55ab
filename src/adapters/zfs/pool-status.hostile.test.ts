import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { parsePoolStatusJson, parsePoolStatusText } from './pool-status.ts'

/** Milliseconds of the processor, which neighbours do not lengthen: far more than it takes, far less than anything quadratic. */
const longest = 5000
const cpuTime = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function timeOf(parse: (text: string) => unknown, text: string): number {
  const startedAt = cpuTime()
  try {
    parse(text)
  } catch (error) {
    if (!(error instanceof UnexpectedOutput)) throw error
  }
  return cpuTime() - startedAt
}

const size = 1_000_000
const head = '  pool: t\n state: ONLINE\n'
const table = `${head}config:\n\n\tNAME  STATE     READ WRITE CKSUM\n\tt     ONLINE       0     0     0\n`
const repeated = (what: string) => what.repeat(Math.ceil(size / what.length))
const hostile: [string, string][] = [
  ['blanks', repeated(' ')],
  ['TABs', repeated('\t')],
  ['newlines', repeated('\n')],
  ['carriage returns', repeated('\r')],
  ['a long header', `${head}${repeated('a ')}:`],
  ['many headers', head + repeated('a: b\n')],
  ['many scans', head + repeated('  scan: scrub repaired 0B in 00:00:01 with 0 errors on x\n')],
  ['one long scan', `${head}  scan: scrub repaired 0B in ${repeated('a in with errors on ')}`],
  ['a long status', `${head}status: ${repeated('a \t')}`],
  ['a row of blanks', `${table}\t${repeated(' ')}x\n`],
  ['a row of states', `${table}\t  ${repeated('  ONLINE')}\n`],
  ['a row of half states', `${table}\t  ${repeated('  ONLIN')}\n`],
  ['a row of counters', `${table}\t  sda  ONLINE ${repeated(' 0')}\n`],
  ['a row with a long was', `${table}\t  sda  ONLINE 0 0 0  was /${repeated('a ')}\n`],
  ['a long name of a dRAID', `${table}\t  draid${repeated(':1d')}  ONLINE 0 0 0\n`],
  ['many rows', table + repeated('\t  sda  ONLINE  0 0 0\n')],
  ['many pools', Array.from({ length: 8000 }, (_, index) => table.replaceAll(/\bt\b/g, `t${index}`)).join('\n')],
  ['many errors lines', `${table}\n${repeated('errors: No known data errors\n')}`],
  [
    'many files',
    `${table}\nerrors: Permanent errors have been detected in the following files:\n\n${repeated('        /a\n')}`,
  ],
  ['colours', repeated('\u001B[1')],
  ['digits', `${table}\t  sda  ONLINE ${repeated('1')} 0 0\n`],
  ['deep JSON', repeated('[')],
  [
    'JSON of nested vdevs',
    `{"output_version":{"command":"zpool status","vers_major":0},"pools":{"t":{"name":"t","state":"ONLINE",${repeated('"vdevs":{"t":{"name":"t",')}`,
  ],
  ['a long JSON string', `{"pools":"${repeated('a')}"}`],
]

test.each(hostile)('a megabyte of %s is read or refused in time', { timeout: 60_000 }, (_what, text) => {
  expect(timeOf(parsePoolStatusText, text)).toBeLessThan(longest)
  expect(timeOf(parsePoolStatusJson, text)).toBeLessThan(longest)
})
