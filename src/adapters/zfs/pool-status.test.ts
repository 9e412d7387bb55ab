import { describe, expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { PoolStatus } from '../../domain/pool-status.ts'
import { parsePoolStatusJson, parsePoolStatusText } from './pool-status.ts'
import { allLeaves, isClean } from './testing.ts'

/** A text with one pool, in parts that a test replaces. */
function text({
  head = '  pool: tank\n state: ONLINE\n',
  config = 'config:\n\n',
  columns = '\tNAME        STATE     READ WRITE CKSUM\n',
  rows = '\ttank        ONLINE       0     0     0\n\t  sda       ONLINE       0     0     0\n',
  errors = '\nerrors: No known data errors\n',
} = {}): string {
  return head + config + columns + rows + errors
}

function only(pools: PoolStatus[]): PoolStatus {
  const [pool, ...more] = pools
  if (pool === undefined || more.length > 0) throw new Error(`expected one pool, got ${pools.length}`)
  return pool
}
const read = (parts: Parameters<typeof text>[0]) => only(parsePoolStatusText(text(parts)))
const refusal = (parts: Parameters<typeof text>[0]) => () => parsePoolStatusText(text(parts))

test('the text that the other tests change is clean', () => {
  expect(isClean(read({}))).toBe(true)
})

describe('errors in text', () => {
  const counted = [
    ['errors: No known data errors', 0],
    ["errors: 39 data errors, use '-v' for a list", 39],
    ["errors: 0 data errors, use '-v' for a list", null],
    ['errors: No known errors', null],
    ['errors: No known data err', null],
    ['errors: List of errors unavailable: permission denied', null],
    ['errors: List of errors unavailable (insufficient privileges)', null],
    ['errors: ', null],
    ['', null],
    ["errors: List of errors unavailable: permission denied\n\nerrors: 5 data errors, use '-v' for a list", 5],
    ['errors: No known data errors\nerrors: List of errors unavailable: permission denied', null],
    ["errors: 5 data errors, use '-v' for a list\nerrors: No known data errors", 5],
    ['errors: Permanent errors have been detected in the following files:\n', null],
  ] as const
  test.each(counted)('%j counts %j', (errors, count) => {
    expect(read({ errors: `\n${errors}\n` }).dataErrors).toEqual({ count, paths: [] })
  })

  test('the list keeps every line, also those of names with newlines', () => {
    const errors = `
errors: Permanent errors have been detected in the following files:

        /tank/two
lines
        tank/ds@s2:/three
errors: No known data errors
        <metadata>:<0x3d>
         /leading blank
`
    const { dataErrors } = read({ errors })
    expect(dataErrors.paths).toEqual([
      '/tank/two',
      'lines',
      'tank/ds@s2:/three',
      'errors: No known data errors',
      '<metadata>:<0x3d>',
      ' /leading blank',
    ])
    expect(dataErrors.count).toBe(6)
  })

  test('a file name cannot pretend to be another pool of the text', () => {
    const forged = text({ head: '  pool: okp\n state: ONLINE\n' }).replaceAll('tank', 'okp')
    const errors = `\nerrors: Permanent errors have been detected in the following files:\n\n        /tank/x\n\n${forged}\n`
    const real = text({ head: '  pool: okp\n state: DEGRADED\n' }).replaceAll('tank', 'okp')
    expect(() => parsePoolStatusText(`${text({ errors })}\n${real}`)).toThrow('pool okp stands twice')
  })
})

const rowsWith = (row: string) => ({ rows: `\ttank        ONLINE       0     0     0\n${row}\n` })
const leaf = (row: string) => allLeaves(read(rowsWith(row)))[0]

describe('rows in text', () => {
  test('names may hold blanks and be wider than their column', () => {
    expect(leaf('\t  /f/my own disk  with blanks  ONLINE       0     0     0')?.name).toBe(
      '/f/my own disk  with blanks',
    )
  })

  test('counters may be humanised, also with a decimal comma', () => {
    expect(leaf('\t  sda       ONLINE       0 1.58K  1,5M')).toMatchObject({
      readErrors: 0,
      writeErrors: 1618,
      checksumErrors: 1_572_864,
    })
  })

  test('several notes are kept as they are', () => {
    expect(
      leaf('\t  sda       ONLINE       0     0     0  block size: 512B configured, 4096B native  (resilvering)'),
    ).toMatchObject({ note: 'block size: 512B configured, 4096B native  (resilvering)' })
  })

  test('an absent disk tells where it was, and its guid', () => {
    expect(leaf('\t  4181898466674085670  UNAVAIL      0     0     0  was /dev/disk/by-id/a-part1')).toMatchObject({
      kind: 'disk',
      guid: '4181898466674085670',
      path: '/dev/disk/by-id/a-part1',
    })
  })

  test('slow I/Os, power and direct I/O have columns of their own', () => {
    const parts = {
      columns: '\tNAME        STATE     READ WRITE CKSUM  SLOW POWER   DIO  model\n',
      ...rowsWith('\t  sda       ONLINE       1     2     3     4   off     5  ST8000  too many errors'),
    }
    const rows = parts.rows.replace('0     0     0\n', '0     0     0     -     -     -  -\n')
    expect(allLeaves(read({ ...parts, rows }))[0]).toMatchObject({
      readErrors: 1,
      slowIos: 4,
      note: 'power off  5 direct I/O verify errors  ST8000  too many errors',
    })
  })

  test('spares have no counters, but those that are there count', () => {
    const spares =
      "\tspares\n\t  sdb       AVAIL   \n\t  sdc       INUSE     in use by pool 'other'\n\t  sdd       ONLINE       0     0     7"
    expect(read(rowsWith(`\t  sda       ONLINE       0     0     0\n${spares}`)).vdevs.spare).toMatchObject([
      { state: 'AVAIL', readErrors: null, note: '' },
      { state: 'INUSE', note: "in use by pool 'other'" },
      { checksumErrors: 7 },
    ])
  })

  test('replacing and spare nest in each other', () => {
    const rows = `\ttank                ONLINE       0     0     0
\t  raidz1-0          DEGRADED     0     0     0
\t    spare-0         DEGRADED     0     0     0
\t      replacing-0   DEGRADED     0     0     0
\t        sda         UNAVAIL      0     0     0  cannot open
\t        sdb         ONLINE       0     0     0
\t      sdc           ONLINE       0     0     0
\t    sdd             ONLINE       0     0     0
`
    const head = '  pool: tank\n state: DEGRADED\n'
    const [raidz] = read({ head, rows }).vdevs.data
    expect(raidz).toMatchObject({
      kind: 'raidz',
      children: [
        {
          kind: 'spare',
          children: [{ kind: 'replacing', children: [{ name: 'sda' }, { name: 'sdb' }] }, { name: 'sdc' }],
        },
        { name: 'sdd' },
      ],
    })
  })

  const refused: [string, string][] = [
    ['a state that is unknown', '\t  sda       NOTSURE?     0     0     0'],
    ['a state of pools only', '\t  sda       SUSPENDED    0     0     0'],
    ['no state', '\t  sda'],
    ['two states', '\t  sda  FAULTED  ONLINE       0     0     0'],
    ['a bad state in its note', '\t  sda       ONLINE       0     0     0  FAULTED'],
    ['a bad state in its name', '\t  my FAULTED disk       ONLINE       0     0     0'],
    ['a missing counter', '\t  sda       ONLINE       0     0'],
    ['a counter that is no number', '\t  sda       ONLINE       0     x     0'],
    ['no place under the pool', '\tsda         ONLINE       0     0     0'],
    ['a state cut short', '\t  sda       DEGRA'],
    ['a depth that no pool has', `\t${' '.repeat(100)}sda       ONLINE       0     0     0`],
  ]
  test.each(refused)('a row with %s is refused', (_what, row) => {
    expect(refusal(rowsWith(row))).toThrow(UnexpectedOutput)
  })
})

describe('shapes that are refused', () => {
  const healthy = text()
  const refused: [string, string, string][] = [
    ['-x of all pools', 'all pools are healthy\n', 'zpool status -x'],
    ['-x of one pool', "pool 'hot' is healthy\n", 'zpool status -x'],
    ['garbage before the first pool', `what is this\n${healthy}`, 'begins with'],
    ['a table alone', '\tNAME  STATE  READ WRITE CKSUM\n', 'begins with'],
    ['a pool without state', healthy.replace(' state: ONLINE\n', ''), 'has no state'],
    ['an unknown state', healthy.replace('state: ONLINE', 'state: FINE'), 'unknown state "FINE"'],
    ['no config', healthy.slice(0, healthy.indexOf('config:')), 'has no config'],
    [
      'a config that is not told',
      `${healthy.slice(0, healthy.indexOf('config:'))}config: The configuration cannot be determined.\n`,
      'not told',
    ],
    ['a table without header', text({ columns: '' }), 'no header'],
    ['a table without rows', text({ rows: '' }), 'no row'],
    ['a table that ends behind its header', healthy.slice(0, healthy.indexOf('\ttank')), 'no row'],
    ['another first row than the pool', healthy.replace('\ttank', '\tbank'), 'not the pool'],
    ['two states', healthy.replace(' state: ONLINE\n', ' state: ONLINE\n state: ONLINE\n'), 'stands twice'],
    ['the rest of a pool that has lost its beginning', healthy + healthy.slice(healthy.indexOf(' state')), 'twice'],
    ['rows behind the errors line', `${healthy}\t  sdb       FAULTED      0     0     0\n`, 'where a new section'],
    ['a pool twice', healthy + healthy, 'stands twice'],
    ['a state in capitals in prose', healthy.replace('config:', 'status: it is FAULTED now\nconfig:'), 'FAULTED'],
    ['a bad row in a section', healthy.replace('config:', '  scan: x\n\t  sdb   FAULTED   0 0 0\nconfig:'), 'FAULTED'],
    ['a header inside of a section', healthy.replace('config:', 'action: x\n\terrors: y\nconfig:'), 'a header stands'],
    ['ONLINE above a root that is not', healthy.replace('tank        ONLINE', 'tank        DEGRADED'), 'first row is'],
    ['a listing of zpool import', healthy.replace(' state:', '     id: 1234\n state:'), 'zpool import'],
  ]
  test.each(refused)('%s', (_what, raw, why) => {
    expect(() => parsePoolStatusText(raw)).toThrow(UnexpectedOutput)
    expect(() => parsePoolStatusText(raw)).toThrow(why)
  })

  test('a refused text is kept', () => {
    expect(() => parsePoolStatusText('nonsense')).toThrow(expect.objectContaining({ raw: 'nonsense', remedy: 'stop' }))
  })
})

describe('shapes that are accepted', () => {
  test('no pools', () => {
    expect(parsePoolStatusText('')).toEqual([])
    expect(parsePoolStatusText('no pools available\n')).toEqual([])
    expect(
      parsePoolStatusJson('{"output_version":{"command":"zpool status","vers_major":0,"vers_minor":1},"pools":{}}'),
    ).toEqual([])
  })

  const same: [string, string][] = [
    ['carriage returns', text().replaceAll('\n', '\r\n')],
    ['blanks for the TAB', text().replaceAll('\t', '        ')],
    ['a timestamp of -T u', `1795401497\n${text()}`],
    ['a timestamp of -T d', `Mon Nov 23 02:38:50 2026\n${text()}`],
    ['no blank lines', text().replaceAll('\n\n', '\n')],
    ['colours', text().replace('state: ONLINE', '\u001B[1mstate: \u001B[0mONLINE')],
  ]
  test.each(same)('%s', (_what, raw) => {
    expect(parsePoolStatusText(raw)).toEqual(parsePoolStatusText(text()))
  })

  test('unknown headers are kept word for word', () => {
    const extra = 'condense: log_spacemap: condensing, 104/321 metaslabs done\n\tmore of it\n'
    expect(read({ head: `  pool: tank\n state: ONLINE\n${extra}` }).otherSections).toEqual([
      { header: 'condense', text: 'log_spacemap: condensing, 104/321 metaslabs done\n\tmore of it' },
    ])
  })

  test('the tables of -D are kept, and the next pool is found behind them', () => {
    const dedup =
      '\n dedup: DDT entries 5, size 400B on disk, 200B in core\n\nbucket              allocated\n______   ______________\n     1        5   640K\n\n'
    const second = text({ head: '  pool: bank\n state: SUSPENDED\n' }).replaceAll('tank', 'bank')
    const [first, next] = parsePoolStatusText(text() + dedup + second)
    expect(first?.otherSections[0]?.text).toContain('1        5   640K')
    expect(next).toMatchObject({ name: 'bank', state: 'SUSPENDED' })
  })

  test('the state of a suspended pool is kept though all its disks are ONLINE', () => {
    const pool = read({ head: '  pool: tank\n state: SUSPENDED\n', errors: '\n' })
    expect(pool).toMatchObject({ state: 'SUSPENDED', root: { state: 'ONLINE' }, dataErrors: { count: null } })
  })

  test('status, action and message are one line each', () => {
    const head = `  pool: tank
 state: ONLINE
status: One or more devices has experienced an unrecoverable error.  An
\tattempt was made to correct the error.
action: Determine if the device needs to be replaced, and clear the errors
\tusing 'zpool clear'.
   see: https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-9P
`
    expect(read({ head })).toMatchObject({
      statusText:
        'One or more devices has experienced an unrecoverable error.  An attempt was made to correct the error.',
      action: "Determine if the device needs to be replaced, and clear the errors using 'zpool clear'.",
      messageId: 'ZFS-8000-9P',
    })
  })
})

test('a text cut anywhere before its errors line is refused, or counts no errors', () => {
  const whole = text()
  const cuts = Array.from({ length: whole.indexOf('errors:') }, (_, length) => whole.slice(0, length))
  const seen = cuts.map((cut) => {
    try {
      return parsePoolStatusText(cut).map((pool) => pool.dataErrors.count)
    } catch (error) {
      return error instanceof UnexpectedOutput ? 'refused' : error
    }
  })
  // Nothing but white space is no pool.
  expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(new Set(['[]', '"refused"', '[null]']))
  expect(seen.findLastIndex((each) => JSON.stringify(each) === '[]')).toBe(2)
})
