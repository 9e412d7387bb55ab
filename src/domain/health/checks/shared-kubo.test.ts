import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { sharedKubo } from './shared-kubo.ts'

const uses = ({ store }: BenchHost, id: string) => {
  if (store.peer.last !== null) store.peer.last.value.kubo.id = id
}

test('two peers with one Kubo are critical, once', () => {
  const { view, n1, n2 } = bench()
  uses(n1, '12D3KooWkubo')
  uses(n2, '12D3KooWkubo')
  expect(sharedKubo.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'n1/hot/peer',
      summary: 'The Cluster peers of n1/hot and n2/hot pin into one Kubo: their copies are one.',
    },
  ])
})

test('peers whose Kubos do not answer name none, and share none', () => {
  const { view, n1, n2 } = bench()
  uses(n1, '')
  uses(n2, '')
  expect(sharedKubo.find(view)).toEqual([])
})

test('what a peer said before it fell silent does not count', () => {
  const { view, n1, n2 } = bench()
  uses(n1, '12D3KooWkubo')
  uses(n2, '12D3KooWkubo')
  n2.store.peer = { ...n2.store.peer, trouble: trouble('unreachable') }
  expect(sharedKubo.find(view)).toEqual([])
})

test('each with its own is well', () => {
  expect(sharedKubo.find(bench().view)).toEqual([])
})
