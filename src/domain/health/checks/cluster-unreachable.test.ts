import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import type { Trouble } from '../../observation.ts'
import { clusterUnreachable } from './cluster-unreachable.ts'

test.each<[Trouble['kind'], string]>([
  ['unreachable', 'does not answer'],
  ['stuck', 'does not answer in time'],
  ['failed', 'answers with an error'],
  ['not-understood', 'answers with something that is not from IPFS Cluster'],
])('%s', (kind, words) => {
  const { view, n1 } = bench()
  n1.local.units = { cluster: 'ipfs-cluster@hot.service' }
  n1.store.peer = { ...n1.store.peer, trouble: trouble(kind, { message: 'the reason' }) }
  const [found, ...others] = clusterUnreachable.find(view)
  expect(others).toEqual([])
  expect(found).toMatchObject({
    severity: 'critical',
    subject: 'n1/hot/peer',
    place: { kind: 'peer', host: 'n1', store: 'hot', cluster: 'main' },
    summary: `The Cluster peer of store hot on n1 ${words}: the reason.`,
  })
  expect(found?.remedy).toContain('systemctl status ipfs-cluster@hot.service')
})

test('refused credentials are PROBE_NOT_PERMITTED', () => {
  const { view, n1 } = bench()
  n1.store.peer = { ...n1.store.peer, trouble: trouble('not-permitted') }
  expect(clusterUnreachable.find(view)).toEqual([])
})
