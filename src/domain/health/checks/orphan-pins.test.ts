import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { before, now } from '../../../../test/builders/readings.ts'
import type { PinsetSummary } from '../../pins/pinset-summary.ts'
import { minutes } from '../../units.ts'
import { orphanPins } from './orphan-pins.ts'

const kind = 'orphan'
const example = { kind, cid: 'bafy1', name: 'movie', since: before(now, minutes(20)), reason: '' } as const

function found(exceptions: PinsetSummary['exceptions']) {
  const { view, n1 } = bench()
  if (n1.store.pinset.last !== null) n1.store.pinset.last.value.exceptions = exceptions
  return orphanPins.find(view)
}

test('what two readings have met is found, with examples and for how long', () => {
  const [finding] = found({ [kind]: { count: 3, lasting: 2, examples: [example] } })
  expect(finding).toMatchObject({ severity: 'warning', count: 2, subject: 'n1/hot/kubo' })
  expect(finding?.evidence[1]).toMatchObject({ what: 'bafy1', value: 'movie, for 20 min' })
})

test('what only the last reading has met can be on its way', () => {
  expect(found({ [kind]: { count: 1, lasting: 0, examples: [example] } })).toEqual([])
})

test('pins in other trouble, or in none, are not meant', () => {
  expect(found({})).toEqual([])
  expect(found({ 'not-pinned': { count: 5, lasting: 5, examples: [] } })).toEqual([])
})

test('a peer that has come up with another identity makes no orphans of all that its Kubo holds', () => {
  const { view, n1 } = bench()
  if (n1.store.pinset.last === null) throw new Error('the bench has a pinset')
  n1.store.pinset.last.value.exceptions = { [kind]: { count: 3, lasting: 2, examples: [example] } }
  expect(orphanPins.find(view)).toHaveLength(1)
  n1.store.pinset.last.value.peer = '12D3KooWAnother'
  expect(orphanPins.find(view)).toEqual([])
})
