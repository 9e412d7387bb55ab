import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import type { PinOnPeer, PinTrouble } from '../../pinning.ts'
import { pinErrors } from './pin-errors.ts'

const pin: PinOnPeer = {
  cid: 'bafy1',
  name: 'movie',
  peer: 'p',
  status: 'pin_error',
  error: 'context deadline exceeded',
  attempts: 3,
  since: '2026-11-23T02:00:00Z',
}

const found = (value: PinTrouble) => {
  const { view, n1 } = bench()
  if (n1.store.pins.last !== null) n1.store.pins.last.value = value
  return pinErrors.find(view)
}

test('pins in error are counted, with examples by CID and reason', () => {
  const [first] = found({ counts: { pin_error: 2, pinning: 9 }, spans: {}, errors: [pin] })
  expect(first).toMatchObject({
    severity: 'warning',
    subject: 'n1/hot/peer',
    summary: 'Store hot on n1 has 2 pins in error, such as: context deadline exceeded.',
  })
  expect(first?.evidence).toMatchObject([
    { what: 'pin_error', value: 2, source: 'GET /pins' },
    { what: 'bafy1', value: 'pin_error (movie): context deadline exceeded, tried 3 times' },
  ])
})

test('a list without counts still counts', () => {
  expect(found({ counts: {}, spans: {}, errors: [pin] })).toHaveLength(1)
})

test('unpins in error endanger space, not copies', () => {
  expect(found({ counts: { unpin_error: 1 }, spans: {}, errors: [] })[0]?.endangers).toBe(
    'Space that should be free is still in use.',
  )
})

test('pins that wait or run are not in error', () => {
  expect(found({ counts: { pin_queued: 5, pinning: 1, unpinning: 2, pin_error: 0 }, spans: {}, errors: [] })).toEqual(
    [],
  )
})
