import { describe, expect, test } from 'vitest'
import { ReadInPart } from '../../domain/read-in-part.ts'
import { CommandFailed, type Exec } from '../system/exec.ts'
import { localStorage } from './storage.ts'
import { reported } from './testing.ts'

/** A machine whose programs answer by their arguments; the first that fits, as in the order of the keys. */
function storageOf(userland: string, answers: Readonly<Record<string, string>>, isRoot = true) {
  const asked: string[] = []
  const exec: Exec = async (file, args) => {
    const command = [file, ...args].join(' ')
    asked.push(command)
    const found = Object.entries({ 'zpool version': `zfs-${userland}-1\nzfs-kmod-${userland}-1\n`, ...answers }).find(
      ([begin]) => command.startsWith(begin),
    )
    if (found === undefined) {
      throw new CommandFailed({ file, args, exitCode: 2, stdout: '', stderr: 'not here' }, 'exited 2')
    }
    return found[1]
  }
  return { asked, storage: localStorage({ exec, executor: undefined, isRoot }) }
}

const poolJson = (name: string, more: object = {}) => ({
  name,
  state: 'ONLINE',
  vdevs: {
    [name]: {
      name,
      vdev_type: 'root',
      state: 'ONLINE',
      vdevs: { sda: { name: 'sda', vdev_type: 'disk', state: 'ONLINE', read_errors: '0', write_errors: '0' } },
    },
  },
  error_count: '0',
  ...more,
})
const document = (...pools: { name: string }[]) =>
  `${JSON.stringify({
    output_version: { command: 'zpool status', vers_major: 0, vers_minor: 1 },
    pools: Object.fromEntries(pools.map((pool) => [pool.name, pool])),
  })}\n`

/** Everything from the second path on is missing, as `nvlist_print_json` leaves it. */
const cut = reported('nonascii-file-name-lc-all-c.json')

describe('a document of zpool status that ends early', () => {
  test.each([
    ['in the middle of a path', cut],
    ['with a line feed behind it', `${cut}\n`],
    ['between two values', cut.slice(0, cut.lastIndexOf(',') + 1)],
    ['behind an escaped quote', `${cut}\\"`],
    ['behind brackets in a name', `${cut}]}}}`],
  ])('%s is asked for again without names: damage is counted, other pools are read', async (_what, text) => {
    const { storage, asked } = storageOf('2.3.2', {
      'zpool status -j -p -P -s -v': text,
      'zpool status -j': document(poolJson('tank', { error_count: '2' }), poolJson('good')),
    })
    expect(await storage.poolStatus()).toMatchObject([
      { name: 'tank', state: 'ONLINE', dataErrors: { count: 2, paths: [], isUnlisted: true } },
      { name: 'good', dataErrors: { count: 0, paths: [] } },
    ])
    expect(asked.filter((command) => command.includes('status'))).toEqual([
      'zpool status -j -p -P -s -v',
      'zpool status -j -p -P -s',
    ])
  })

  test('that ends early without names too, as by the path of a disk, is asked for as text', async () => {
    const healthy = reported('spare-whose-disk-is-gone.txt')
    const { storage } = storageOf('2.4.4', { 'zpool status -j': cut, 'zpool status': healthy })
    const [tank] = await storage.poolStatus()
    expect(tank).toMatchObject({ name: 'tank', dataErrors: { count: 0, paths: [] } })
    // OpenZFS 2.3 scrubs parts too, and its text does not tell them from a whole one.
    expect(tank?.scans[0]?.extent).toBeUndefined()
  })

  test('another text that is no document is refused, not asked for again', async () => {
    const { storage, asked } = storageOf('2.3.2', { 'zpool status -j': '{"pools":}' })
    await expect(storage.poolStatus()).rejects.toThrow('cannot read the answer of zpool status')
    expect(asked.filter((command) => command.includes('status'))).toHaveLength(1)
  })
})

const partOf = async <T>(asked: Promise<T>): Promise<{ read: unknown; message: string }> => {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ReadInPart)) throw new Error('all of it was read, or nothing')
  return { read: error.read, message: error.message }
}

const row = (name: string, mountpoint: string) =>
  [name, '1', 'filesystem', 1, 1, 1, 0, 0, 0, mountpoint, 'yes', 'on', '-', '-'].join('\t')

describe('what is not understood loses nothing else', () => {
  test('a pool in JSON', async () => {
    const odd = poolJson('odd', { state: 'MELTED' })
    const { storage } = storageOf('2.4.4', { 'zpool status': document(poolJson('tank'), odd, poolJson('good')) })
    const { read, message } = await partOf(storage.poolStatus())
    expect(read).toMatchObject([{ name: 'tank' }, { name: 'good' }])
    expect(message).toMatch(/1 of 3 pools was not understood.*odd.*MELTED/)
  })

  test('a pool in text whose configuration is not told', async () => {
    const { storage } = storageOf('2.1.11', {
      'zpool status': `  pool: odd\n state: ONLINE\nconfig: The configuration cannot be determined.\n\n${reported('raidz2-and-a-single-disk.txt')}`,
    })
    const { read, message } = await partOf(storage.poolStatus())
    expect(read).toMatchObject([{ name: 'tank' }])
    expect(message).toMatch(/1 of 2 pools was not understood.*odd/)
  })

  const listed = reported('zpool-list-unopened-pool.tsv')

  test('a row of zpool list, and a vdev of it', async () => {
    const space = ['good\t1\t1\t0\t-\t-\t0\t0\t1.00\tONLINE', '\tsda\t1G\t0\t1\t-\t-\t0\t0\t-\tONLINE']
    const { storage } = storageOf('2.3.2', {
      'zpool list -Hp -o': `${listed}odd\t1\t2\t3\n`,
      'zpool list -HpvP': `${space.join('\n')}\n\tsdb\t9\t0\t1\t-\t-\t0\t0\t-\tONLINE\n`,
    })
    const { read, message } = await partOf(storage.pools())
    expect(read).toMatchObject([{ name: 'good', vdevs: [{ name: 'sdb' }] }, { name: 'tank' }])
    expect(message).toContain('row')
  })

  test('a row of zfs list', async () => {
    const { storage } = storageOf('2.3.2', {
      'zfs list': `${row('tank', '/tank')}\n${row('tank/odd', '/a\tb')}\n${row('tank/ipfs', '/ipfs')}\n`,
    })
    const { read } = await partOf(storage.datasets(['tank/ipfs']))
    expect(read).toMatchObject({ kept: [{ name: 'tank' }, { name: 'tank/ipfs' }] })
  })

  test('where no row is understood there is no answer', async () => {
    const { storage } = storageOf('2.3.2', { 'zpool list': 'odd\t1\t2\t3\n' })
    await expect(storage.pools()).rejects.not.toBeInstanceOf(ReadInPart)
  })
})

test('a pool that could not be opened is FAULTED, and nothing else is known of it', async () => {
  const { storage } = storageOf('2.3.2', {
    'zpool list -Hp -o': reported('zpool-list-unopened-pool.tsv'),
    'zpool list -HpvP': '',
  })
  expect(await storage.pools()).toMatchObject([
    { name: 'good', health: 'ONLINE', readonly: false, size: 1e12 },
    { name: 'tank', health: 'FAULTED', readonly: null, size: 0 },
  ])
})
