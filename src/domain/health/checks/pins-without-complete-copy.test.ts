import { expect, test } from 'vitest'
import { benchWith, figure, placement } from '../../../../test/builders/placement.ts'
import { pinsWithoutCompleteCopy } from './pins-without-complete-copy.ts'

test('a pin that lists call pinned, and whose blocks are not all there, is critical', () => {
  const view = benchWith(
    placement(({ levels }) => {
      levels.complete.noCopy = figure(1, 300, ['bafy1'])
    }),
  )
  expect(pinsWithoutCompleteCopy.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'main',
      summary: 'One pin has no complete copy in cluster main; every list calls a copy pinned.',
      evidence: [{ value: '1 to 300' }, { value: 'bafy1' }, { value: 0 }, {}, {}],
    },
  ])
})

test('it tells those that are not even listed from those that are', () => {
  const view = benchWith(
    placement(({ levels }) => {
      levels.complete.noCopy = figure(5)
      levels.pinned.noCopy = figure(3)
    }),
  )
  expect(pinsWithoutCompleteCopy.find(view)).toMatchObject([
    { summary: '5 pins have no complete copy in cluster main; of 2 pins lists call a copy pinned.' },
  ])
})

test('copies that were not walked yet are no finding', () => {
  const view = benchWith(
    placement(({ levels }) => {
      levels.complete.noCopy = figure(0, 1000)
    }),
  )
  expect(pinsWithoutCompleteCopy.find(view)).toEqual([])
})
