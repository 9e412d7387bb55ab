import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { kuboPeerMismatch } from './kubo-peer-mismatch.ts'

const peerUses = ({ store }: BenchHost, id: string) => {
  if (store.peer.last !== null) store.peer.last.value.kubo.id = id
}

test('the Kubo of the store behind its peer says nothing', () => {
  expect(kuboPeerMismatch.find(bench().view)).toEqual([])
})

test('another Kubo behind the peer is critical, with both identities', () => {
  const { view, n1 } = bench()
  peerUses(n1, 'k-elsewhere')
  const found = kuboPeerMismatch.find(view)
  expect(found).toMatchObject([{ severity: 'critical', subject: 'n1/hot/peer' }])
  expect(found[0]?.evidence.map(({ value }) => value)).toEqual(expect.arrayContaining(['k-elsewhere', 'k-n1']))
})

test('a dead Kubo, or one that is not looked at, is no other one', () => {
  const { view, n1 } = bench()
  peerUses(n1, '')
  expect(kuboPeerMismatch.find(view)).toEqual([])
  peerUses(n1, 'k-elsewhere')
  n1.store.kubo = { ...n1.store.kubo, trouble: trouble('unreachable') }
  expect(kuboPeerMismatch.find(view)).toEqual([])
  Object.assign(n1.store, { kubo: null })
  expect(kuboPeerMismatch.find(view)).toEqual([])
})
