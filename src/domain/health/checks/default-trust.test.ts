import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import type { ClusterSettings } from '../../daemons.ts'
import { defaultTrust } from './default-trust.ts'

const set = ({ store }: BenchHost, change: Partial<ClusterSettings>) => {
  Object.assign(store.clusterSettings.last?.value ?? {}, change)
}

test('peers that trust named peers say nothing', () => {
  expect(defaultTrust.find(bench().view)).toEqual([])
})

test('one peer that trusts everybody is a warning for its cluster, and is named', () => {
  const { view, n1 } = bench()
  set(n1, { trustedPeers: ['*'] })
  expect(defaultTrust.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'main',
      summary: '1 of 2 peers of cluster main trust everybody who has the cluster secret: n1/hot.',
      evidence: [{ what: 'trusted_peers of n1/hot', value: '*' }],
    },
  ])
})

test('all peers: one finding', () => {
  const { view, n1, n2 } = bench()
  for (const host of [n1, n2]) set(host, { trustedPeers: ['*'] })
  expect(defaultTrust.find(view)).toMatchObject([{ summary: expect.stringMatching(/^All 2 peers of cluster main/) }])
})

test('Raft knows no such trust', () => {
  const { view, n1 } = bench()
  set(n1, { trustedPeers: ['*'], consensus: 'raft' })
  expect(defaultTrust.find(view)).toEqual([])
})

test('what cannot be seen is told, and is no alarm', () => {
  const { view, n1 } = bench()
  Object.assign(n1.store, { clusterSettings: null })
  expect(defaultTrust.find(view)).toMatchObject([
    { severity: 'info', summary: 'Of 1 peer of cluster main it is not known for certain whom they trust: n1/hot.' },
  ])
})

test('a unit that may override what was read is not taken for safe, unless it says just this', () => {
  const { view, n1 } = bench()
  set(n1, { mayBeOverridden: true })
  expect(defaultTrust.find(view)).toMatchObject([{ severity: 'info' }])
  set(n1, { fromEnvironment: ['CLUSTER_CRDT_TRUSTEDPEERS'] })
  expect(defaultTrust.find(view)).toEqual([])
})

test('a look that failed is told by the checks about looking', () => {
  const { view, n1 } = bench()
  set(n1, { trustedPeers: ['*'] })
  n1.store.clusterSettings.trouble = trouble('failed')
  expect(defaultTrust.find(view)).toEqual([])
})
