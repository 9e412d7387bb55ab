import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { sharedPool } from './shared-pool.ts'

/** A second store on the pool of n1/hot. */
const withSecond = (cluster: string) => {
  const { view, fleet } = bench()
  const [n1] = fleet.hosts
  n1?.stores.push({ name: 'warm', tier: 'hot', cluster, pool: 'hot-tier', dataset: 'hot-tier/warm' })
  return view
}

test('two stores of one cluster on one pool are one copy', () => {
  expect(sharedPool.find(withSecond('main'))).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/hot-tier/main',
      summary: '2 stores of cluster main lie on pool hot-tier of n1: their copies are lost together.',
    },
  ])
})

test('stores of two clusters may share a pool, and so may pools of one name on two hosts', () => {
  expect(sharedPool.find(withSecond('other'))).toEqual([])
  expect(sharedPool.find(bench().view)).toEqual([])
})
