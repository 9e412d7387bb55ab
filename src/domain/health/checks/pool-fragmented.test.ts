import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { Share } from '../../units.ts'
import { poolFragmented } from './pool-fragmented.ts'

function setPool({ zfs }: BenchHost, fragmentation: number | null, capacity: number): void {
  for (const pool of zfs.pools.last?.value ?? []) {
    pool.fragmentation = fragmentation === null ? null : Share.parse(fragmentation)
    pool.capacity = Share.parse(capacity)
  }
}

test.each([
  [0.5, 0.7, 1],
  [0.9, 0.69, 0],
  [0.49, 0.95, 0],
  [null, 0.95, 0],
])('FRAG %d at CAP %d', (fragmentation, capacity, found) => {
  const { view, n1 } = bench()
  setPool(n1, fragmentation, capacity)
  expect(poolFragmented.find(view)).toHaveLength(found)
})

test('both limits are settable, and both are told', () => {
  const { view, n1 } = bench()
  setPool(n1, 0.31, 0.5)
  view.fleet.checks.fragmentation = { warning: Share.parse(0.3), whenFull: Share.parse(0.5) }
  expect(poolFragmented.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/hot-tier',
      summary: 'The free space of pool hot-tier on n1 is 31 % fragmented, and the pool is 50 % full.',
    },
  ])
})

test('nothing is said where nobody has looked', () => {
  const { view, n1, n2 } = bench()
  setPool(n1, 0.9, 0.9)
  n1.zfs.pools.last = null
  n2.observation.zfs = null
  expect(poolFragmented.find(view)).toEqual([])
})
