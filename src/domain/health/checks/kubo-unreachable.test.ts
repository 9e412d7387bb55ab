import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { kuboUnreachable } from './kubo-unreachable.ts'

const peerSays = ({ store }: BenchHost, error: string) => {
  if (store.peer.last !== null) store.peer.last.value.kubo.error = error
}

test('a Kubo that does not answer us is critical', () => {
  const { view, n1 } = bench()
  n1.store.kubo = { ...n1.store.kubo, trouble: trouble('unreachable', { message: 'connection refused' }) }
  expect(kuboUnreachable.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'n1/hot/kubo',
      summary: 'The Kubo of store hot on n1 does not answer: connection refused.',
    },
  ])
})

test('a Kubo that its Cluster peer cannot reach is critical', () => {
  const { view, n1 } = bench()
  peerSays(n1, 'dial tcp: connection refused')
  expect(kuboUnreachable.find(view)).toMatchObject([
    { summary: 'The Kubo of store hot on n1 cannot be reached by its Cluster peer: dial tcp: connection refused.' },
  ])
})

test('both say it: one finding with the evidence of both', () => {
  const { view, n1 } = bench()
  peerSays(n1, 'refused')
  n1.store.kubo = { ...n1.store.kubo, trouble: trouble('unreachable') }
  const found = kuboUnreachable.find(view)
  expect(found).toHaveLength(1)
  expect(new Set(found[0]?.evidence.map(({ source }) => source))).toEqual(new Set(['GET /id', 'POST /api/v0/id']))
})

test('what a peer last said before it went away is no news', () => {
  const { view, n1 } = bench()
  peerSays(n1, 'refused')
  n1.store.peer = { ...n1.store.peer, trouble: trouble('unreachable') }
  expect(kuboUnreachable.find(view)).toEqual([])
})

test('a store whose Kubo has no address is judged by its peer alone', () => {
  const { view, n1 } = bench()
  Object.assign(n1.store, { kubo: null })
  expect(kuboUnreachable.find(view)).toEqual([])
  peerSays(n1, 'refused')
  expect(kuboUnreachable.find(view)).toHaveLength(1)
})
