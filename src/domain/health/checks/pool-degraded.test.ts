import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { disk, group } from '../../../../test/builders/pool-status.ts'
import { poolDegraded } from './pool-degraded.ts'

test('a mirror with one side left is critical: the next failure loses the pool', () => {
  const { view, n1 } = bench()
  n1.status.state = 'DEGRADED'
  n1.mirror.state = 'DEGRADED'
  n1.sdb.state = 'FAULTED'
  expect(poolDegraded.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'n1/hot-tier',
      summary: 'Pool hot-tier on n1 works, but with less protection than it should have: sdb is FAULTED.',
      endangers:
        'One more failed disk in mirror-0 loses the pool, and with it the copies of all pins held by store hot on n1.',
    },
  ])
})

test('a raidz2 that can lose another disk is a warning', () => {
  const { view, n1 } = bench()
  n1.status.state = 'DEGRADED'
  const disks = ['a', 'b', 'c', 'd'].map((name) => disk(name))
  n1.status.vdevs.data = [
    group('raidz2-0', 'raidz', [...disks, disk('e', { state: 'REMOVED' })], { state: 'DEGRADED' }),
  ]
  expect(poolDegraded.find(view)).toMatchObject([{ severity: 'warning' }])
})

test('when only the kernel tells, the worst is assumed', () => {
  const { view, n1 } = bench()
  if (n1.zfs.poolStates.last !== null) n1.zfs.poolStates.last.value['hot-tier'] = 'DEGRADED'
  n1.zfs.poolStatus.last = null
  expect(poolDegraded.find(view)).toMatchObject([{ severity: 'critical' }])
})

test('a group that is not ONLINE in a pool that is called ONLINE is found', () => {
  const { view, n1 } = bench()
  n1.mirror.state = 'DEGRADED'
  expect(poolDegraded.find(view)).toMatchObject([{ severity: 'warning' }])
})

test('a worse state is told by other checks alone', () => {
  const { view, n1 } = bench()
  n1.status.state = 'DEGRADED'
  if (n1.zfs.poolStates.last !== null) n1.zfs.poolStates.last.value['hot-tier'] = 'SUSPENDED'
  expect(poolDegraded.find(view)).toEqual([])
})

test('a healthy pool with a spare is not found', () => {
  const { view, n1 } = bench()
  n1.status.vdevs.spare = [disk('s', { state: 'AVAIL', readErrors: null, writeErrors: null, checksumErrors: null })]
  expect(poolDegraded.find(view)).toEqual([])
})
