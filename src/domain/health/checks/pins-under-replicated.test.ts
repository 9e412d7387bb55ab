import { expect, test } from 'vitest'
import { benchWith, figure, placement } from '../../../../test/builders/placement.ts'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { pinsUnderReplicated } from './pins-under-replicated.ts'

test('pins with fewer copies than promised are a warning, with examples and the age of the lists', () => {
  const view = benchWith(
    placement(({ ofPin }) => {
      ofPin.tooFewHolders = figure(12, 40, ['bafy1'])
    }),
  )
  const [finding] = pinsUnderReplicated.find(view)
  expect(finding).toMatchObject({
    severity: 'warning',
    subject: 'main',
    summary: '12 pins have fewer copies in cluster main than was promised.',
  })
  expect(finding?.evidence).toMatchObject([
    { value: '12 to 40' },
    { value: 'bafy1' },
    { value: 0 },
    { what: 'pins in all', value: 1000 },
    { what: 'age of the lists', value: '3 min' },
  ])
})

test('a pin without any copy that answers is critical', () => {
  const view = benchWith(
    placement(({ ofPin, levels }) => {
      ofPin.tooFewHolders = figure(2)
      levels.pinned.noCopy = figure(1)
    }),
  )
  expect(pinsUnderReplicated.find(view)).toMatchObject([
    {
      severity: 'critical',
      summary: '2 pins have fewer copies in cluster main than was promised. 1 of them has no copy that answers.',
    },
  ])
})

test('copies of which nothing is known are no finding of this check', () => {
  const view = benchWith(
    placement(({ ofPin }) => {
      ofPin.tooFewHolders = figure(0, 40)
    }),
  )
  expect(pinsUnderReplicated.find(view)).toEqual([])
})

test('an index that gives no answer is unknown', () => {
  const view = benchWith({ state: 'unknown', cluster: 'main', reason: 'nothing came in time' })
  expect(pinsUnderReplicated.find(view)).toMatchObject([
    { severity: 'unknown', subject: 'main', evidence: [{ value: 'nothing came in time' }] },
  ])
})

test('where all have their copies, or nobody keeps an index, nothing is said', () => {
  expect(pinsUnderReplicated.find(benchWith(placement()))).toEqual([])
  expect(pinsUnderReplicated.find(bench().view)).toEqual([])
})

test('a peer with more pins out of order than are kept by name is unknown, not well', () => {
  const view = benchWith({ ...placement(), unverified: ['n2/hot'] })
  expect(pinsUnderReplicated.find(view)).toMatchObject([{ severity: 'unknown', evidence: [{ value: 'n2/hot' }] }])
})
