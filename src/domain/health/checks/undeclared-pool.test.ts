import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { undeclaredPool } from './undeclared-pool.ts'

test('a pool that no store names is an info', () => {
  const { view, n1 } = bench()
  if (n1.zfs.poolStates.last !== null) n1.zfs.poolStates.last.value['rpool'] = 'ONLINE'
  expect(undeclaredPool.find(view)).toMatchObject([
    {
      severity: 'info',
      subject: 'n1/rpool',
      summary: 'Pool rpool is imported on n1, and no store names it.',
      endangers: '',
    },
  ])
})

test('a host without any store is looked at as it is', () => {
  const { view, n1 } = bench()
  for (const host of view.hosts) host.declaration.stores = []
  n1.observation.stores = []
  expect(undeclaredPool.find(view).filter(({ subject }) => subject.startsWith('n1/'))).toEqual([])
})

test('a pool that a store names is not found, even where it is not imported', () => {
  const { view, n1 } = bench()
  expect(undeclaredPool.find(view)).toEqual([])
  n1.zfs.poolStates.last = n1.zfs.poolStatus.last = n1.zfs.pools.last = null
  expect(undeclaredPool.find(view)).toEqual([])
})
