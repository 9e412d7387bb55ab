import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { before, now } from '../../../../test/builders/readings.ts'
import type { PinsetSummary } from '../../pins/pinset-summary.ts'
import { minutes } from '../../units.ts'
import { pinsUnexpectedlyUnpinned } from './pins-unexpectedly-unpinned.ts'

const kind = 'unexpectedly-unpinned'
const example = { kind, cid: 'bafy1', name: 'movie', since: before(now, minutes(20)), reason: '' } as const

function found(exceptions: PinsetSummary['exceptions']) {
  const { view, n1 } = bench()
  if (n1.store.pinset.last !== null) n1.store.pinset.last.value.exceptions = exceptions
  return pinsUnexpectedlyUnpinned.find(view)
}

test('what two readings have met is found, with examples and for how long', () => {
  const [finding] = found({ [kind]: { count: 3, lasting: 2, examples: [example] } })
  expect(finding).toMatchObject({ severity: 'warning', count: 2, subject: 'n1/hot/peer' })
  expect(finding?.evidence[1]).toMatchObject({ what: 'bafy1', value: 'movie, for 20 min' })
})

test('what only the last reading has met can be on its way', () => {
  expect(found({ [kind]: { count: 1, lasting: 0, examples: [example] } })).toEqual([])
})

test('pins in other trouble, or in none, are not meant', () => {
  expect(found({})).toEqual([])
  expect(found({ 'not-pinned': { count: 5, lasting: 5, examples: [] } })).toEqual([])
})
