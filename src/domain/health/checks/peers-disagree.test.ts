import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { before, trouble } from '../../../../test/builders/readings.ts'
import { minutes, seconds } from '../../units.ts'
import { peersDisagree } from './peers-disagree.ts'

const sees = ({ store, observation }: BenchHost, ids: string[], sameFor = minutes(10)) => {
  const { last } = store.peer
  if (last !== null) Object.assign(last.value, { sees: ids, seesSince: before(observation.answeredAt, sameFor) })
}
const other = 'another-peer'
/** Without a declared identity, PEER_MISSING has nothing to compare with. */
const undeclare = (view: ReturnType<typeof bench>['view']) => {
  for (const { declaration } of view.hosts) for (const store of declaration.stores) delete store.peer
}

test('peers that see the same say nothing', () => {
  expect(peersDisagree.find(bench().view)).toEqual([])
})

test('a peer that one does not see, for longer than the setting, is a missing link', () => {
  const { view, n1, n2 } = bench()
  sees(n1, [n1.peerId, n2.peerId, other])
  expect(peersDisagree.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'main',
      summary: 'The peers of cluster main see different peers, for at least 10 min: 1 peer sees 3, 1 peer sees 2.',
    },
  ])
})

test('a difference that has just come is none yet', () => {
  const { view, n1, n2 } = bench()
  sees(n1, [n1.peerId, n2.peerId, other], seconds(90))
  expect(peersDisagree.find(view)).toEqual([])
  view.fleet.checks.peersDisagree.after = minutes(1)
  expect(peersDisagree.find(view)).toHaveLength(1)
})

test('two parts of which none sees the other are a split', () => {
  const { view, n1, n2 } = bench()
  undeclare(view)
  sees(n1, [n1.peerId, other])
  sees(n2, [n2.peerId])
  expect(peersDisagree.find(view)).toMatchObject([
    { severity: 'critical', summary: expect.stringContaining('Cluster main is split: 1 peer sees 2, 1 peer sees 1') },
  ])
})

test('a declared peer that nobody sees is left to PEER_MISSING; one that is not declared is told here', () => {
  const { view, n1, n2 } = bench()
  sees(n1, [n1.peerId])
  expect(peersDisagree.find(view)).toEqual([])
  undeclare(view)
  expect(peersDisagree.find(view)).toMatchObject([{ severity: 'warning' }])
  sees(n2, [n2.peerId])
  expect(peersDisagree.find(view)).toMatchObject([{ severity: 'critical' }])
})

test('a peer that does not answer now is no witness', () => {
  const { view, n1, n2 } = bench()
  sees(n1, [n1.peerId, n2.peerId, other])
  n1.store.peer = { ...n1.store.peer, trouble: trouble('unreachable') }
  expect(peersDisagree.find(view)).toEqual([])
})
