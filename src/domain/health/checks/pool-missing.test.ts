import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { before, now } from '../../../../test/builders/readings.ts'
import { minutes, seconds } from '../../units.ts'
import { poolMissing } from './pool-missing.ts'

function exportPool({ zfs }: BenchHost): void {
  if (zfs.poolStates.last !== null) zfs.poolStates.last.value = {}
  if (zfs.poolStatus.last !== null) zfs.poolStatus.last.value = []
  if (zfs.pools.last !== null) zfs.pools.last.value = []
}

test('a declared pool that no look shows is critical', () => {
  const { view, n1 } = bench()
  exportPool(n1)
  expect(poolMissing.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'n1/hot-tier',
      place: { kind: 'pool', host: 'n1', store: 'hot' },
      summary: 'Pool hot-tier is not imported on n1.',
    },
  ])
})

test('the newest look decides: gone from the kernel, still in an older zpool status', () => {
  const { view, n1 } = bench()
  if (n1.zfs.poolStates.last !== null) n1.zfs.poolStates.last = { value: {}, at: now, took: seconds(0) }
  expect(poolMissing.find(view)).toMatchObject([{ severity: 'critical' }])
})

test('a look that was not understood in part says of no pool that it is missing', () => {
  const { view, n1 } = bench()
  const trouble = { kind: 'not-understood' as const, message: '1 of 2 rows was not understood', since: now, at: now }
  for (const reading of [n1.zfs.poolStatus, n1.zfs.pools]) {
    reading.last = { value: [], at: now, took: seconds(0) }
    reading.trouble = trouble
  }
  expect(poolMissing.find(view)).toEqual([])
  n1.zfs.poolStatus.trouble = null
  expect(poolMissing.find(view)).toHaveLength(1)
})

test('imported a moment ago, and not yet in zpool status, is unknown', () => {
  const { view, n1 } = bench()
  n1.zfs.poolStatus.last = { value: [], at: before(now, seconds(20)), took: seconds(1) }
  expect(poolMissing.find(view)).toMatchObject([{ severity: 'unknown' }])
})

test('a host where nobody looks at ZFS is unknown', () => {
  const { view, n1 } = bench()
  n1.observation.zfs = null
  expect(poolMissing.find(view)).toMatchObject([{ severity: 'unknown', subject: 'n1/hot-tier' }])
})

test('without any look there is nothing to judge by', () => {
  const { view, n1 } = bench()
  for (const reading of [n1.zfs.poolStates, n1.zfs.poolStatus, n1.zfs.pools]) reading.last = null
  expect(poolMissing.find(view)).toEqual([])
})

test('an old look still tells, with its age', () => {
  const { view, n1 } = bench()
  exportPool(n1)
  for (const { last } of [n1.zfs.poolStates, n1.zfs.poolStatus, n1.zfs.pools]) {
    if (last !== null) last.at = before(now, minutes(30))
  }
  expect(poolMissing.find(view)[0]?.evidence).toContainEqual(
    expect.objectContaining({ what: 'age of this look', value: '30 min' }),
  )
})

test('pools that nobody declares may go', () => {
  const { view, n1 } = bench()
  exportPool(n1)
  n1.observation.stores = []
  view.hosts[0]?.declaration.stores.splice(0)
  expect(poolMissing.find(view)).toEqual([])
})
