import { expect, test } from 'vitest'
import { bench, type BenchHost, peerIdOf } from '../../../../test/builders/fleet-view.ts'
import { before, now, trouble } from '../../../../test/builders/readings.ts'
import { minutes } from '../../units.ts'
import { peerMissing } from './peer-missing.ts'

const silence = ({ store }: BenchHost) => {
  store.peer = { ...store.peer, trouble: trouble('unreachable') }
}
const sees = ({ store }: BenchHost, ids: string[]) => {
  if (store.peer.last !== null) store.peer.last.value.sees = ids
}

test('a peer that does not answer and that no other sees is critical', () => {
  const { view, n1, n2 } = bench()
  silence(n2)
  sees(n1, [n1.peerId])
  expect(peerMissing.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'n2/hot/peer',
      place: { kind: 'peer', host: 'n2', store: 'hot', cluster: 'main' },
    },
  ])
})

test('a peer that does not answer us, but is seen, is not missing', () => {
  const { view, n2 } = bench()
  silence(n2)
  expect(peerMissing.find(view)).toEqual([])
})

test('a peer that answers us, but is seen by no other, is cut off', () => {
  const { view, n1, n2 } = bench()
  sees(n1, [n1.peerId])
  expect(peerMissing.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'n2/hot/peer',
      summary: 'The Cluster peer of store hot on n2 is cut off: it answers, but no other peer of cluster main sees it.',
    },
  ])
  expect(n2.store.peer.trouble).toBeNull()
})

test('the last peer that answers is not missing itself', () => {
  const { view, n1, n2 } = bench()
  silence(n2)
  sees(n1, [])
  expect(peerMissing.find(view).map(({ subject }) => subject)).toEqual(['n2/hot/peer'])
})

test('a peer outside the fleet is expected by its ID, and called by its name', () => {
  const { view } = bench()
  view.fleet.clusters[0]?.peers.push({ id: peerIdOf(8), name: 'archive' }, { id: peerIdOf(9) })
  expect(peerMissing.find(view).map(({ subject }) => subject)).toEqual([
    'main/peer/archive',
    `main/peer/${peerIdOf(9)}`,
  ])
})

test('when no peer could be asked it is unknown, once for the cluster', () => {
  const { view, n1, n2 } = bench()
  silence(n1)
  silence(n2)
  expect(peerMissing.find(view)).toMatchObject([{ severity: 'unknown', subject: 'main', place: { kind: 'cluster' } }])
})

test('an old answer is no witness', () => {
  const { view, n1, n2 } = bench()
  silence(n2)
  if (n1.store.peer.last !== null) n1.store.peer.last.at = before(now, minutes(5))
  expect(peerMissing.find(view)).toMatchObject([{ severity: 'unknown' }])
})

test('peers of another cluster are no witnesses', () => {
  const { view } = bench()
  view.fleet.clusters.push({ name: 'other', consensus: 'crdt', peers: [{ id: peerIdOf(1) }] })
  expect(peerMissing.find(view)).toMatchObject([{ severity: 'unknown', subject: 'other' }])
})
