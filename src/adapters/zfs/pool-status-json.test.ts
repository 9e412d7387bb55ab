import { describe, expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { PoolStatus } from '../../domain/pool-status.ts'
import { parsePoolStatusJson } from './pool-status.ts'
import { isClean } from './testing.ts'

const counters = { read_errors: '0', write_errors: '0', checksum_errors: '0' }

type Fields = Record<string, unknown>

const leaf = (fields: Fields = {}): Fields => ({
  name: 'sda',
  vdev_type: 'disk',
  guid: '6532427452605461272',
  path: '/dev/sda1',
  state: 'ONLINE',
  ...counters,
  ...fields,
})

function json({ pool = {}, root = {}, vdev = leaf() }: { pool?: Fields; root?: Fields; vdev?: Fields } = {}): string {
  return JSON.stringify({
    output_version: { command: 'zpool status', vers_major: 0, vers_minor: 1 },
    pools: {
      tank: {
        name: 'tank',
        state: 'ONLINE',
        pool_guid: '17068583395379267683',
        vdevs: {
          tank: { name: 'tank', vdev_type: 'root', state: 'ONLINE', ...counters, vdevs: { sda: vdev }, ...root },
        },
        error_count: '0',
        ...pool,
      },
    },
  })
}

function read(parts: Parameters<typeof json>[0]): PoolStatus {
  const [pool] = parsePoolStatusJson(json(parts))
  if (pool === undefined) throw new Error('no pool')
  return pool
}
const disk = (fields: Fields) => read({ vdev: leaf(fields) }).vdevs.data[0]

const draid = (...states: string[]): Fields => ({
  name: 'draid2:4d:9c:1s-0',
  ...counters,
  vdevs: Object.fromEntries(states.map((state, index) => [`sd${index}`, leaf({ name: `sd${index}`, state })])),
})
const stateOf = (vdev: Fields, state = 'ONLINE') =>
  read({ vdev, pool: { state }, root: { state } }).vdevs.data[0]?.state

const scans = (fields: Fields) => read({ pool: { scan_stats: fields } }).scans

const rebuiltBy = (end_time: string) => ({
  rebuild_stats: { 'mirror-0': { state: 'COMPLETE', start_time: '1', end_time } },
})

test('the document that the other tests change is clean, and unknown keys are accepted', () => {
  expect(isClean(read({ pool: { something_new: { a: 1 }, txg: '7' }, vdev: leaf({ also_new: [] }) }))).toBe(true)
})

describe('states and notes', () => {
  test.each([
    ['CANT_OPEN', 'CORRUPT_DATA', 'FAULTED', 'corrupted data'],
    ['CANT_OPEN', 'BAD_LOG', 'FAULTED', 'bad intent log'],
    ['CANT_OPEN', 'SPLIT_POOL', 'SPLIT', 'split into new pool'],
    ['CANT_OPEN', 'OPEN_FAILED', 'UNAVAIL', 'cannot open'],
    ['CANT_OPEN', 'BAD_LABEL', 'UNAVAIL', 'invalid label'],
    ['CANT_OPEN', undefined, 'UNAVAIL', ''],
    ['CLOSED', undefined, 'OFFLINE', ''],
    ['FAULTED', 'ERR_EXCEEDED', 'FAULTED', 'too many errors'],
    ['FAULTED', 'EXTERNAL', 'FAULTED', 'external device fault'],
    ['DEGRADED', 'IO_FAILURE', 'DEGRADED', 'experienced I/O failures'],
    ['ONLINE', 'OF_LATER_DAYS', 'ONLINE', 'of later days'],
  ])('%s with aux %s is %s', (state, aux, word, note) => {
    expect(disk({ state, ...(aux === undefined ? {} : { aux }) })).toMatchObject({ state: word, note })
  })

  test('other notes are those of the text', () => {
    expect(disk({ not_present: '1', was: '/dev/sdx1', state: 'CANT_OPEN' })?.note).toBe('was /dev/sdx1')
    expect(disk({ aux: 'SPARED', used_by: 'other' })?.note).toBe("in use by pool 'other'")
    expect(disk({ state: 'FAULTED', aux: 'ERR_EXCEEDED', slow_ios: '9' })?.note).toBe('too many slow I/Os')
    expect(disk({ noalloc: '1' })?.note).toBe('(non-allocating)')
    expect(disk({ removing: '1' })?.note).toBe('(removing)')
    expect(disk({ configured_ashift: '9', physical_ashift: '12' })?.note).toBe(
      'block size: 512B configured, 4096B native',
    )
    expect(disk({ power_state: 'off' })?.note).toBe('power off')
  })

  test('a disk of which something is resilvered says so while the resilver runs', () => {
    const scan = { function: 'RESILVER', state: 'SCANNING', start_time: '1795403405', end_time: '0' }
    const vdev = leaf({ scan_processed: '5' })
    expect(read({ pool: { scan_stats: scan }, vdev }).vdevs.data[0]?.note).toBe('(resilvering)')
    expect(read({ pool: { scan_stats: { ...scan, state: 'FINISHED' } }, vdev }).vdevs.data[0]?.note).toBe('')
  })

  test('a vdev without a state is UNKNOWN', () => {
    const { state: _, ...stateless } = leaf()
    expect(read({ vdev: stateless }).vdevs.data[0]?.state).toBe('UNKNOWN')
  })

  describe('a dRAID that 2.3 tells no state of', () => {
    test('has it by its children', () => {
      expect(stateOf(draid('ONLINE', 'ONLINE', 'ONLINE'))).toBe('ONLINE')
      expect(stateOf(draid('ONLINE', 'DEGRADED', 'ONLINE'), 'DEGRADED')).toBe('DEGRADED')
      expect(stateOf(draid('FAULTED', 'OFFLINE', 'ONLINE'), 'DEGRADED')).toBe('DEGRADED')
      expect(stateOf(draid('FAULTED', 'OFFLINE', 'REMOVED'), 'DEGRADED')).toBe('UNAVAIL')
    })

    test('is not believed to be well in a pool that is not, for no other reason', () => {
      expect(stateOf(draid('ONLINE', 'ONLINE'), 'DEGRADED')).toBe('UNKNOWN')
    })

    test('is not known without children', () => {
      expect(stateOf(draid())).toBe('UNKNOWN')
    })
  })

  test('the disks of a class that we do not know count', () => {
    const hyper = { 'mirror-9': { name: 'mirror-9', vdev_type: 'mirror', state: 'DEGRADED', ...counters } }
    expect(isClean(read({ pool: { hyper } }))).toBe(false)
  })
})

describe('numbers', () => {
  test('guids are exact, also where they come as numbers', () => {
    const raw = json().replace('"17068583395379267683"', '17068583395379267683')
    expect(parsePoolStatusJson(raw)[0]?.guid).toBe('17068583395379267683')
  })

  test('counters may be humanised, as without -p', () => {
    expect(disk({ checksum_errors: '1.58K' })?.checksumErrors).toBe(1618)
  })

  test.each([
    [{ error_count: '39', errlist: 'Resource temporarily unavailable' }, null, []],
    [{ error_count: '0', errlist: 'Permission denied' }, null, []],
    [{ error_count: null }, null, []],
    [{ error_count: undefined }, null, []],
    [{ error_count: '1', errlist: ['/a', 'tank@s:/a'] }, 1, ['/a', 'tank@s:/a']],
    [{ error_count: '0', errlist: ['/with\nnewline'] }, 1, ['/with\nnewline']],
    [{ error_count: '3' }, 3, []],
  ])('the data errors of %j', (pool, count, paths) => {
    expect(read({ pool }).dataErrors).toEqual({ count, paths })
  })
})

describe('refusals', () => {
  test.each([
    ['nothing', ''],
    ['half a document', json().slice(0, -20)],
    ['no object', '[]'],
    ['null', 'null'],
    ['another command', json().replace('zpool status', 'zpool list')],
    ['another major version', json().replace('"vers_major":0', '"vers_major":1')],
    ['no pools key', '{"output_version":{"command":"zpool status","vers_major":0}}'],
    ['an unknown state of the pool', json({ pool: { state: 'FINE' } })],
    ['an unknown state of a vdev', json({ vdev: leaf({ state: 'HEALTHY' }) })],
    ['a counter that is no number', json({ vdev: leaf({ read_errors: 'many' }) })],
    ['a pool without vdevs', json({ pool: { vdevs: {} } })],
    ['vdevs that are a list', json({ root: { vdevs: [leaf()] } })],
    ['an ONLINE pool with a root that is not', json({ root: { state: 'DEGRADED' } })],
    [
      'nesting without end',
      json().replace('"vdevs":{"sda"', `${'"vdevs":{"a":{"name":"a",'.repeat(50)}"vdevs":{"sda"`),
    ],
    ['deep nesting of anything', '['.repeat(100_000)],
  ])('%s', (_what, raw) => {
    expect(() => parsePoolStatusJson(raw)).toThrow(UnexpectedOutput)
  })
})

describe('scans', () => {
  const scrub = {
    function: 'SCRUB',
    state: 'FINISHED',
    start_time: '1000000',
    end_time: '1000100',
    to_examine: '200',
    examined: '200',
    skipped: '100',
    issued: '50',
    processed: '0',
    errors: '2',
  }
  test('only rebuilds', () => {
    const rebuild = { state: 'ACTIVE', start_time: '1795403536', end_time: '0', scanned: '150', to_scan: '100' }
    expect(scans({ rebuild_stats: { 'mirror-0': rebuild } })).toEqual([
      {
        kind: 'rebuild',
        state: 'in-progress',
        vdev: 'mirror-0',
        startedAt: 1_795_403_536_000,
        share: 1,
        scanned: 150,
        total: 100,
        errors: null,
      },
    ])
  })

  test('done is what was issued of what need not be skipped, clamped to 1', () => {
    expect(scans({ ...scrub, state: 'SCANNING' })[0]).toMatchObject({ state: 'in-progress', share: 0.5, errors: null })
    expect(scans({ ...scrub, state: 'SCANNING', issued: '103' })[0]?.share).toBe(1)
    expect(scans({ ...scrub, state: 'SCANNING', skipped: '200' })[0]?.share).toBeUndefined()
  })

  test('a pause has its moment', () => {
    expect(scans({ ...scrub, state: 'SCANNING', scrub_pause: '1000050' })[0]).toMatchObject({
      state: 'paused',
      pausedAt: 1_000_050_000,
    })
    expect(scans({ ...scrub, scrub_pause: '-' })[0]?.state).toBe('finished')
  })

  test('a newer error scrub takes the place of the scrub, which is kept as older', () => {
    const both = {
      ...scrub,
      err_scrub_func: 'ERRORSCRUB',
      err_scrub_state: 'FINISHED',
      err_scrub_start_time: '1000200',
    }
    const pool = read({ pool: { scan_stats: both } })
    expect(pool.scans.map(({ kind }) => kind)).toEqual(['error-scrub'])
    expect(pool.olderScans?.map(({ kind, errors }) => [kind, errors])).toEqual([['scrub', 2]])
    expect(scans({ ...both, err_scrub_start_time: '999999' }).map(({ kind }) => kind)).toEqual(['scrub'])
  })

  test('of resilver and rebuilds the later ones are shown', () => {
    const resilver = { ...scrub, function: 'RESILVER' }
    expect(scans({ ...resilver, ...rebuiltBy('1000050') }).map(({ kind }) => kind)).toEqual(['resilver'])
    expect(scans({ ...resilver, ...rebuiltBy('1000200') }).map(({ kind }) => kind)).toEqual(['rebuild'])
  })

  test('a scan in words that we do not know is kept, and the pool is read', () => {
    const pool = read({ pool: { scan_stats: { ...scrub, function: 'THOROUGH' } } })
    expect(pool.scans).toEqual([])
    expect(pool.otherSections).toMatchObject([{ header: 'scan', text: expect.stringContaining('function THOROUGH') }])
  })

  test('dates without -p are read when they are in UTC only', () => {
    expect(scans({ ...scrub, end_time: 'Mon Nov 23 02:38:50 UTC 2026' })[0]?.endedAt).toBe(1_795_401_530_000)
    expect(scans({ ...scrub, end_time: 'Sun Nov 16 08:00:21 CET 2025' })[0]?.endedAt).toBeUndefined()
  })
})
