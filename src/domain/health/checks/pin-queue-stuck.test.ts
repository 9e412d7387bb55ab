import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { before, trouble } from '../../../../test/builders/readings.ts'
import type { PinStatus } from '../../pinning.ts'
import { type Duration, hours, minutes } from '../../units.ts'
import { pinQueueStuck } from './pin-queue-stuck.ts'

/** Ages of the oldest and the newest pin of a state. */
const queue = (
  { store, observation }: BenchHost,
  state: PinStatus,
  { count, oldest, newest }: { count: number; oldest: Duration; newest: Duration },
) => {
  const pins = store.pins.last?.value
  if (pins === undefined) return
  pins.counts[state] = count
  const since = before(observation.answeredAt, oldest)
  pins.spans[state] = {
    oldest: { cid: `bafy-${state}`, name: '', since },
    newest: before(observation.answeredAt, newest),
  }
}

test('a queue that moves says nothing, however long it is', () => {
  const { view, n1 } = bench()
  queue(n1, 'pin_queued', { count: 900_000, oldest: hours(20), newest: minutes(1) })
  queue(n1, 'pinning', { count: 10, oldest: hours(15), newest: minutes(2) })
  expect(pinQueueStuck.find(view)).toEqual([])
})

test('a queue behind pins that have all been at work for longer than the setting is stuck', () => {
  const { view, n1 } = bench()
  queue(n1, 'pin_queued', { count: 40, oldest: hours(3), newest: minutes(1) })
  queue(n1, 'pinning', { count: 10, oldest: hours(5), newest: hours(2) })
  const found = pinQueueStuck.find(view)
  expect(found).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/hot/peer',
      summary: 'The Cluster peer of store hot on n1 does not get on: no pin has left its queue of 40 for 2 h.',
    },
  ])
  expect(found[0]?.evidence).toContainEqual(
    expect.objectContaining({ what: 'at work longest', value: 'bafy-pinning, 5 h' }),
  )
  view.fleet.checks.pinQueueStuck.after = hours(4)
  expect(pinQueueStuck.find(view)).toEqual([])
})

test('long work without a queue behind it is no trouble', () => {
  const { view, n1 } = bench()
  if (n1.store.pins.last !== null) n1.store.pins.last.value.counts = {}
  queue(n1, 'pinning', { count: 1, oldest: hours(9), newest: hours(9) })
  expect(pinQueueStuck.find(view)).toEqual([])
})

test('a queue at which nobody works stands as long as its newest pin waits', () => {
  const { view, n1 } = bench()
  queue(n1, 'pin_queued', { count: 4, oldest: hours(3), newest: minutes(30) })
  expect(pinQueueStuck.find(view)).toEqual([])
  queue(n1, 'pin_queued', { count: 4, oldest: hours(3), newest: hours(2) })
  expect(pinQueueStuck.find(view)).toHaveLength(1)
})

test('one pin that waits for days behind others that fail is told', () => {
  const { view, n1 } = bench()
  queue(n1, 'pin_queued', { count: 400, oldest: hours(72), newest: minutes(1) })
  queue(n1, 'pinning', { count: 10, oldest: minutes(2), newest: minutes(1) })
  expect(pinQueueStuck.find(view)).toMatchObject([
    { summary: expect.stringContaining('its queue of 400 moves, but one pin has waited for 3 days') },
  ])
})

test('removals have their own queue', () => {
  const { view, n1 } = bench()
  queue(n1, 'unpin_queued', { count: 7, oldest: hours(3), newest: hours(1) })
  queue(n1, 'unpinning', { count: 1, oldest: hours(2), newest: hours(2) })
  expect(pinQueueStuck.find(view)).toMatchObject([
    { summary: expect.stringContaining('no removal has left its queue of 7 for 2 h') },
  ])
})

test('nothing is said of a peer that cannot be asked', () => {
  const { view, n1 } = bench()
  queue(n1, 'pin_queued', { count: 4, oldest: hours(3), newest: hours(2) })
  n1.store.pins = { ...n1.store.pins, trouble: trouble('unreachable') }
  expect(pinQueueStuck.find(view)).toEqual([])
})
