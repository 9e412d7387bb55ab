import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { poolSuspended } from './pool-suspended.ts'

test('the word of the kernel is enough, while every zpool hangs', () => {
  const { view, n1 } = bench()
  if (n1.zfs.poolStates.last !== null) n1.zfs.poolStates.last.value['hot-tier'] = 'SUSPENDED'
  n1.zfs.poolStatus.trouble = trouble('stuck')
  const found = poolSuspended.find(view)
  expect(found).toMatchObject([{ severity: 'critical', subject: 'n1/hot-tier', place: { store: 'hot' } }])
  expect(found[0]?.evidence).toMatchObject([{ value: 'SUSPENDED', source: 'kstat' }])
  expect(found[0]?.remedy).toContain('zpool clear hot-tier')
})

test('the word of zpool status is enough', () => {
  const { view, n1 } = bench()
  n1.status.state = 'SUSPENDED'
  expect(poolSuspended.find(view)).toHaveLength(1)
})

test('a pool that works is not found', () => expect(poolSuspended.find(bench().view)).toEqual([]))
