import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { disk, group } from '../../../../test/builders/pool-status.ts'
import { redundancyLow } from './redundancy-low.ts'

const failed = (name: string) => disk(name, { state: 'FAULTED' })
const raidz = (parity: number, disks: ReturnType<typeof disk>[]) =>
  group(`raidz${parity}-0`, 'raidz', disks, { state: 'DEGRADED' })

test('a mirror with one side left can lose nothing: critical, per vdev', () => {
  const { view, n1 } = bench()
  n1.mirror.state = 'DEGRADED'
  n1.sdb.state = 'FAULTED'
  expect(redundancyLow.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'n1/hot-tier/mirror-0',
      summary: 'mirror-0 of pool hot-tier on n1 can lose no further disk; it was built to lose 1.',
    },
  ])
})

test('a side that is ONLINE and behind counts as out', () => {
  const { view, n1 } = bench()
  n1.sdb.note = '(resilvering)'
  expect(redundancyLow.find(view)).toMatchObject([{ severity: 'critical' }])
})

test('a raidz2 that can lose one more is what was asked for, unless more is asked for', () => {
  const { view, n1 } = bench()
  n1.status.vdevs.data = [raidz(2, [disk('a'), disk('b'), disk('c'), failed('d')])]
  expect(redundancyLow.find(view)).toEqual([])
  view.fleet.checks.redundancy.atLeast = 2
  expect(redundancyLow.find(view).filter(({ subject }) => subject === 'n1/hot-tier/raidz2-0')).toMatchObject([
    { severity: 'warning', summary: expect.stringContaining('only 1 more disk; it was built to lose 2') as string },
  ])
})

test('each vdev is told by itself', () => {
  const { view, n1 } = bench()
  n1.status.vdevs.data = [
    raidz(1, [disk('a'), disk('b'), failed('c')]),
    group('mirror-1', 'mirror', [disk('e'), failed('f')]),
  ]
  expect(redundancyLow.find(view).map(({ subject }) => subject)).toEqual([
    'n1/hot-tier/raidz1-0',
    'n1/hot-tier/mirror-1',
  ])
})

test('a special vdev that is weaker than the data is a warning, since the pool is lost with it', () => {
  const { view, n1 } = bench()
  n1.status.vdevs.special = [disk('nvme0')]
  expect(redundancyLow.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/hot-tier/nvme0',
      summary: expect.stringContaining('can lose no disk') as string,
    },
    { severity: 'info', subject: 'n1/hot-tier' },
  ])
})

test('a pool of single disks was built so: an info, which the setting ends', () => {
  const { view, n1 } = bench()
  n1.status.vdevs.data = ['a', 'b', 'c', 'd', 'e'].map((name) => disk(name))
  expect(redundancyLow.find(view)).toMatchObject([
    { severity: 'info', subject: 'n1/hot-tier', summary: expect.stringContaining('a, b, c and 2 more') as string },
  ])
  view.fleet.checks.redundancy.atLeast = 0
  expect(redundancyLow.find(view)).toEqual([])
})

test('a pool that cannot be read is told by other checks; a whole one by none', () => {
  const { view, n1 } = bench()
  expect(redundancyLow.find(view)).toEqual([])
  n1.sdb.state = 'FAULTED'
  n1.status.state = 'SUSPENDED'
  expect(redundancyLow.find(view)).toEqual([])
})
