import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import type { PoolState } from '../../pool-status.ts'
import { poolFaulted } from './pool-faulted.ts'

test.each<[PoolState, string | undefined]>([
  ['FAULTED', 'critical'],
  ['UNAVAIL', 'critical'],
  ['OFFLINE', 'critical'],
  ['REMOVED', 'critical'],
  ['UNKNOWN', 'unknown'],
  ['DEGRADED', undefined],
  ['SUSPENDED', undefined],
  ['ONLINE', undefined],
])('%s', (state, severity) => {
  const { view, n1 } = bench()
  n1.status.state = state
  n1.status.root.state = state
  expect(poolFaulted.find(view).map((finding) => finding.severity)).toEqual(severity === undefined ? [] : [severity])
})

test('the root row counts where the header says another state', () => {
  const { view, n1 } = bench()
  n1.status.root.state = 'UNAVAIL'
  expect(poolFaulted.find(view)).toMatchObject([
    { severity: 'critical', summary: 'Pool hot-tier on n1 cannot be used: it is UNAVAIL.' },
  ])
})

test('a pool that nobody declares is reported too, without a store', () => {
  const { view, n1 } = bench()
  if (n1.zfs.poolStates.last !== null) n1.zfs.poolStates.last.value['tank'] = 'FAULTED'
  const [found] = poolFaulted.find(view)
  expect(found).toMatchObject({ subject: 'n1/tank', place: { kind: 'pool', host: 'n1' } })
  expect(found?.place).not.toHaveProperty('store')
})
