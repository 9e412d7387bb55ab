import { expect, test } from 'vitest'
import { simClock } from '../../src/sim/clock.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { applyFault } from '../../src/sim/faults/index.ts'
import { simHost } from '../../src/sim/ports.ts'
import { minutes } from '../../src/domain/units.ts'
import { lookAtPeer } from '../../src/observe/look-at-peer.ts'
import { lookAtPins } from '../../src/observe/look-at-pins.ts'

const { signal } = new AbortController()

test('a peer has seen the same peers since the first look, and others since they changed', async () => {
  const world = createWorld({ pins: 40 })
  const clock = simClock(world)
  const pinning = simHost(world, 'n3').stores[0]?.pinning
  if (pinning === undefined) throw new Error('n3 has a first store')
  const look = lookAtPeer(pinning, clock)
  const begun = clock.now()
  expect((await look(signal)).seesSince).toBe(begun)
  clock.advance(minutes(3))
  expect((await look(signal)).seesSince).toBe(begun)
  applyFault(world, 'peers-disagree')
  clock.advance(minutes(3))
  expect((await look(signal)).seesSince).toBe(clock.now())
})

test('the queue is told with the pin that waits longest, and when the last one got to work', async () => {
  const world = createWorld({ pins: 40 })
  applyFault(world, 'pin-queue-stuck')
  const pinning = simHost(world, 'n3').stores.find(({ declaration }) => declaration.name === 'cold')?.pinning
  if (pinning === undefined) throw new Error('n3 has a store cold')
  const { counts, spans } = await lookAtPins(pinning)(signal)
  expect(counts).toEqual({ pinning: 1, pin_queued: 2 })
  const since = world.now - 3 * 3_600_000
  expect(spans.pinning).toMatchObject({ oldest: { since }, newest: since })
  expect(spans.pin_queued?.oldest.since).toBe(since)
})
