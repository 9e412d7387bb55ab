import { expect, test } from 'vitest'
import { bench, peerIdOf } from '../../../../test/builders/fleet-view.ts'
import { LocalStore } from '../../fleet.ts'
import { declarationMismatch } from './declaration-mismatch.ts'

const found = (change: (parts: ReturnType<typeof bench>) => void) => {
  const parts = bench()
  change(parts)
  return declarationMismatch.find(parts.view)
}

test('two sides that agree are not found', () => expect(found(() => {})).toEqual([]))

test.each([
  ['tier', 'cold', 'its tier is hot in the fleet file and cold on the host'],
  ['cluster', 'other', 'its cluster is main in the fleet file and other on the host'],
  ['pool', 'tank', 'its pool is hot-tier in the fleet file and tank on the host'],
  ['dataset', undefined, 'its dataset is hot-tier/ipfs-cluster in the fleet file and not given on the host'],
])('another %s is a warning', (field, value, words) => {
  expect(found(({ n1 }) => Object.assign(n1.local, { [field]: value }))).toMatchObject([
    { severity: 'warning', subject: 'n1/hot', summary: `Store hot on n1: ${words}.` },
  ])
})

test('all differences of a store are one finding', () => {
  expect(found(({ n1 }) => Object.assign(n1.local, { tier: 'cold', pool: 'tank' }))).toHaveLength(1)
})

test('what the fleet file leaves out, the host decides', () => {
  expect(
    found(({ view }) => {
      const store = view.hosts[0]?.declaration.stores[0]
      delete store?.pool
      delete store?.dataset
    }),
  ).toEqual([])
})

test('a declared store that its host does not know is unknown: nobody looks at it', () => {
  expect(found(({ n1 }) => Object.assign(n1.observation, { stores: [] }))).toMatchObject([
    { severity: 'unknown', subject: 'n1/hot' },
  ])
})

test('a store that only the host knows is a warning', () => {
  const cold = LocalStore.parse({ name: 'cold', tier: 'cold', cluster: 'main' })
  expect(found(({ n1 }) => n1.observation.stores.push(cold))).toMatchObject([
    { severity: 'warning', subject: 'n1/cold' },
  ])
})

test('a daemon that the fleet file gives and the host does not is unknown', () => {
  expect(
    found(({ view }) => {
      const store = view.hosts[0]?.declaration.stores[0]
      if (store !== undefined) store.kuboApi = { url: 'http://127.0.0.1:5001' }
    }),
  ).toMatchObject([{ severity: 'unknown', subject: 'n1/hot' }])
})

test('another host at the address is unknown', () => {
  expect(found(({ n1 }) => Object.assign(n1.observation, { host: 'n7' }))).toMatchObject([
    {
      severity: 'unknown',
      subject: 'n1',
      summary: 'At the address of host n1 another host answers: it calls itself n7.',
    },
  ])
})

test('another Cluster peer than the declared one is critical', () => {
  expect(
    found(({ n1 }) => {
      if (n1.store.peer.last !== null) n1.store.peer.last.value.id = peerIdOf(9)
    }),
  ).toMatchObject([{ severity: 'critical', subject: 'n1/hot/peer' }])
})
