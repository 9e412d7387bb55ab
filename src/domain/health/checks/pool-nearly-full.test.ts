import { describe, expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { Tier } from '../../fleet.ts'
import { Bytes, Share } from '../../units.ts'
import { poolNearlyFull } from './pool-nearly-full.ts'

function fillPool({ zfs }: BenchHost, share: number): void {
  for (const pool of zfs.pools.last?.value ?? []) pool.capacity = Share.parse(share)
}

function fillDataset({ zfs }: BenchHost, share: number): void {
  for (const dataset of zfs.datasets.last?.value.kept ?? []) {
    dataset.used = Bytes.parse(Math.round(share * 1e6))
    dataset.available = Bytes.parse(1e6 - dataset.used)
  }
}

describe('the worse of the pool and the dataset decides', () => {
  test.each([
    [0.8, 0.4, 'warning', 'Pool hot-tier on n1 is 80 % full.'],
    [0.4, 0.85, 'warning', 'Dataset hot-tier/ipfs-cluster of store hot on n1 is 85 % full.'],
    [0.73, 1, 'critical', 'Dataset hot-tier/ipfs-cluster of store hot on n1 is 100 % full.'],
    [0.9, 0.85, 'critical', 'Pool hot-tier on n1 is 90 % full.'],
  ])('CAP %d, dataset %d', (cap, dataset, severity, summary) => {
    const { view, n1 } = bench()
    fillPool(n1, cap)
    fillDataset(n1, dataset)
    const [found, ...others] = poolNearlyFull.find(view)
    expect(others).toEqual([])
    expect(found).toMatchObject({ subject: 'n1/hot-tier', severity, summary })
    expect(found?.evidence.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['CAP of hot-tier', 'fill of hot-tier/ipfs-cluster']),
    )
  })

  test('neither is above 80 %', () => {
    const { view, n1 } = bench()
    fillPool(n1, 0.79)
    fillDataset(n1, 0.79)
    expect(poolNearlyFull.find(view)).toEqual([])
  })
})

test('each tier has its own thresholds', () => {
  const { view, n1 } = bench()
  view.fleet.tiers = [Tier.parse({ name: 'hot', poolFill: { warning: '30%', critical: '95%' } })]
  fillPool(n1, 0.92)
  expect(poolNearlyFull.find(view)).toMatchObject([{ severity: 'warning' }, { severity: 'warning' }])
})

test('a dataset that is not listed is unknown, and does not hide a full pool', () => {
  const { view, n1 } = bench()
  if (n1.zfs.datasets.last !== null) n1.zfs.datasets.last.value.kept = []
  expect(poolNearlyFull.find(view)).toMatchObject([{ severity: 'unknown' }])
  fillPool(n1, 0.95)
  expect(poolNearlyFull.find(view)).toMatchObject([{ severity: 'critical' }])
})

test('datasets of a stopped pool are missing because of that, which POOL_SUSPENDED tells', () => {
  const { view, n1 } = bench()
  if (n1.zfs.datasets.last !== null) n1.zfs.datasets.last.value.kept = []
  n1.status.state = 'SUSPENDED'
  expect(poolNearlyFull.find(view)).toEqual([])
})

test('a pool that nobody declares is judged by the thresholds of a new tier', () => {
  const { view, n1 } = bench()
  for (const pool of n1.zfs.pools.last?.value ?? []) {
    n1.zfs.pools.last?.value.push({ ...pool, name: 'tank', capacity: Share.parse(0.91) })
    break
  }
  expect(poolNearlyFull.find(view)).toMatchObject([{ severity: 'critical', subject: 'n1/tank' }])
})
