import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { poolReadonly } from './pool-readonly.ts'

test('a pool with a store is critical, one without an info', () => {
  const { view, n1 } = bench()
  const pools = n1.zfs.pools.last?.value ?? []
  for (const pool of pools) pool.readonly = true
  pools.push(...pools.map((pool) => ({ ...pool, name: 'rescue' })))
  expect(poolReadonly.find(view)).toMatchObject([
    { severity: 'critical', subject: 'n1/hot-tier', summary: 'Pool hot-tier on n1 is imported read-only.' },
    { severity: 'info', subject: 'n1/rescue', endangers: '' },
  ])
})

test('a pool that can be written to is not found', () => expect(poolReadonly.find(bench().view)).toEqual([]))
