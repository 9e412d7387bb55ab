import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import type { ClusterSettings } from '../../daemons.ts'
import { repinEnabled } from './repin-enabled.ts'

const set = ({ store }: BenchHost, change: Partial<ClusterSettings>) => {
  Object.assign(store.clusterSettings.last?.value ?? {}, change)
}

test('peers that leave silent peers alone say nothing', () => {
  expect(repinEnabled.find(bench().view)).toEqual([])
})

test('a peer that copies at once is a warning', () => {
  const { view, n2 } = bench()
  set(n2, { disableRepinning: false })
  expect(repinEnabled.find(view)).toMatchObject([
    { severity: 'warning', subject: 'main', summary: expect.stringContaining('1 of 2 peers of cluster main') },
  ])
  set(n2, { disableRepinning: true })
  expect(repinEnabled.find(view)).toEqual([])
})

test('what cannot be seen is told, and is no alarm', () => {
  const { view, n1, n2 } = bench()
  Object.assign(n1.store, { clusterSettings: null })
  set(n2, { mayBeOverridden: true })
  expect(repinEnabled.find(view)).toMatchObject([{ severity: 'info', summary: expect.stringContaining('Of 2 peers') }])
})
