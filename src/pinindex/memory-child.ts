import { buildIndex } from './build-index.ts'
import { unhurriedly } from './pace.ts'
import { testCid, testPeer, testPin, testStore } from './testing.ts'
import { Instant } from '../domain/units.ts'

// For the test of memory: makes an index of so many pins, each with a set of holders of its own, in a process with little
// memory. With `hold`, it also holds what it reads: that must not fit.

const [folder = '', countText = '0', hold] = process.argv.slice(2)
const count = Number(countText)
const store = testStore(testPeer(1))
const held: unknown[] = []

async function* pins() {
  for (let number = 0; number < count; number += 1) {
    const holders = [1 + (number % 7), 10 + (number % 97), 200 + (number % 89)]
    const pin = testPin(testCid(number), { allocations: holders.map(testPeer) })
    if (hold !== undefined) held.push(pin)
    yield pin
  }
}
async function* tracked() {
  for await (const { cid, name, allocations } of pins()) {
    const status = allocations.includes(store.peer) ? ('pinned' as const) : ('remote' as const)
    yield { cid, name, peer: store.peer, status, error: '', attempts: 0, since: '2026-11-23T07:30:01Z' }
  }
}
async function* inKubo() {
  for await (const { cid, status } of tracked()) if (status === 'pinned') yield cid
}

const summary = await buildIndex({
  folder,
  pinning: { ...store.pinning, allocations: pins, pins: tracked },
  content: { ...store.content, pins: inKubo },
  clock: { now: () => Instant.parse(1_795_420_800_000) },
  pace: unhurriedly,
  signal: new AbortController().signal,
})
process.stdout.write(JSON.stringify({ pins: summary.pins, bytesEach: summary.size / summary.pins, held: held.length }))
