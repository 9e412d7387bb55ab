import { describe, expect, test } from 'vitest'
import { disk, poolStatus } from '../../test/builders/pool-status.ts'
import { now } from '../../test/builders/readings.ts'
import { DamageMemory, noDamage, rememberDamage } from './damage-memory.ts'
import type { PoolStatus, Scan } from './pool-status.ts'
import { Instant } from './units.ts'

const at = (seconds: number) => Instant.parse(now + seconds * 1000)

/** A pool with these damaged files and this scan. */
function pool(paths: readonly string[], scan?: Partial<Scan>, count: number | null = paths.length): PoolStatus {
  const status = poolStatus('pe', [disk('sda')])
  const last: Scan = {
    kind: 'scrub',
    state: 'finished',
    startedAt: at(-100),
    endedAt: at(-50),
    extent: 'whole',
    errors: 0,
  }
  return { ...status, guid: '7', scans: [{ ...last, ...scan }], dataErrors: { count, paths: [...paths] } }
}

/** What is told after each of some looks, ten seconds apart from the first. */
function looks(...statuses: PoolStatus[]): (PoolStatus['dataErrors']['unread'] | undefined)[] {
  let memory: DamageMemory = noDamage
  return statuses.map((status, index) => {
    const noted = rememberDamage(memory, [status], at(index * 10))
    // What is kept survives its way through a file.
    memory = DamageMemory.parse(JSON.parse(JSON.stringify(noted.memory)))
    return noted.statuses[0]?.dataErrors.unread
  })
}

const damaged = ['/pe/a', 'pe/ds@s:/b']
const unread = { count: 2, paths: damaged, listedAt: at(0) }

describe('what a pool lists no more stays unread', () => {
  test.each<[string, Partial<Scan>]>([
    ['a scrub was begun and stopped', { state: 'canceled', startedAt: at(2), endedAt: at(5), extent: undefined }],
    [
      'the text of a stopped scrub does not tell its begin',
      { state: 'canceled', startedAt: undefined, endedAt: at(5) },
    ],
    ['an error scrub was stopped', { kind: 'error-scrub', state: 'canceled', startedAt: at(2), endedAt: at(5) }],
    ['an error scrub has ended', { kind: 'error-scrub', startedAt: at(2), endedAt: at(5), extent: undefined }],
    ['a part was scrubbed', { startedAt: at(2), endedAt: at(5), extent: 'part' }],
    ['it is not told what was scrubbed', { startedAt: at(2), endedAt: at(5), extent: undefined }],
    ['it was resilvered', { kind: 'resilver', startedAt: at(2), endedAt: at(5), extent: undefined }],
    [
      'a scrub runs, whose begin took the record of one that was stopped',
      { state: 'in-progress', startedAt: at(6), endedAt: undefined },
    ],
    [
      'a scrub was stopped in the same second',
      { state: 'canceled', startedAt: at(-9), endedAt: at(0), extent: undefined },
    ],
  ])('when %s', (_, scan) => {
    expect(looks(pool(damaged), pool([], scan), pool([], scan))).toEqual([undefined, unread, unread])
  })

  test('also in part, and beside what is listed', () => {
    const stopped: Partial<Scan> = { state: 'canceled', startedAt: at(2), endedAt: at(5) }
    expect(looks(pool(damaged), pool(['/pe/a'], stopped))[1]).toEqual({ ...unread, count: 1, paths: ['pe/ds@s:/b'] })
  })

  test('also where only the number of errors is told', () => {
    const stopped: Partial<Scan> = { state: 'canceled', startedAt: at(2), endedAt: at(5) }
    expect(looks(pool([], {}, 42), pool([], stopped))).toEqual([undefined, { count: 42, paths: [], listedAt: at(0) }])
  })

  test('also after a time in which the pool did not tell, and one in which it was away', () => {
    const stopped: Partial<Scan> = { state: 'canceled', startedAt: at(2), endedAt: at(5) }
    expect(looks(pool(damaged), pool([], stopped, null), pool([], stopped))).toEqual([undefined, unread, unread])
    const away = rememberDamage(rememberDamage(noDamage, [pool(damaged)], at(0)).memory, [], at(10))
    expect(rememberDamage(away.memory, [pool([], stopped)], at(20)).statuses[0]?.dataErrors.unread).toEqual(unread)
  })
})

describe('it is forgotten', () => {
  test.each<[string, Partial<Scan>]>([
    ['when a whole scrub has read it', { startedAt: at(2), endedAt: at(5) }],
    ['when a whole scrub has ended that was begun before', { startedAt: at(-20), endedAt: at(5) }],
    ['when no scan has ended since: its file is gone', {}],
    [
      'when a scrub was paused before, and its file is gone',
      { state: 'paused', startedAt: at(-20), endedAt: undefined },
    ],
  ])('%s', (_, scan) => {
    expect(looks(pool(damaged), pool([], scan), pool([], scan))).toEqual([undefined, undefined, undefined])
  })

  test('when a whole scrub has read it after others were stopped; one that ended before these does not count', () => {
    const stopped: Partial<Scan> = { state: 'canceled', startedAt: at(2), endedAt: at(5) }
    const whole: Partial<Scan> = { startedAt: at(12), endedAt: at(15) }
    expect(looks(pool(damaged), pool([], stopped), pool([], whole))).toEqual([undefined, unread, undefined])
    const both = pool([], {
      kind: 'error-scrub',
      state: 'canceled',
      startedAt: at(6),
      endedAt: at(7),
      extent: undefined,
    })
    both.olderScans = [
      { kind: 'scrub', state: 'finished', startedAt: at(2), endedAt: at(5), extent: 'whole', errors: 3 },
    ]
    expect(looks(pool(damaged), both)[1]).toEqual(unread)
  })

  test('when the same is listed again: then it is listed', () => {
    const stopped: Partial<Scan> = { state: 'canceled', startedAt: at(2), endedAt: at(5) }
    expect(looks(pool(damaged), pool([], stopped), pool(damaged, stopped))).toEqual([undefined, unread, undefined])
  })
})

test('a pool that never listed anything is told nothing, whatever was stopped', () => {
  const stopped: Partial<Scan> = { state: 'canceled', startedAt: at(2), endedAt: at(5) }
  expect(looks(pool([]), pool([], stopped))).toEqual([undefined, undefined])
})

test('what is kept is bounded', () => {
  let memory: DamageMemory = noDamage
  for (let guid = 0; guid < 150; guid += 1) {
    const paths = Array.from({ length: guid === 149 ? 5000 : 1 }, (_, index) => `/pe/${index}`)
    memory = rememberDamage(memory, [{ ...pool(paths), guid: `${guid}` }], at(guid)).memory
  }
  expect(Object.keys(memory.pools)).toHaveLength(100)
  expect(Object.keys(memory.pools['149']?.files ?? {})).toHaveLength(1000)
  expect(memory.pools['20']).toBeUndefined()
})
