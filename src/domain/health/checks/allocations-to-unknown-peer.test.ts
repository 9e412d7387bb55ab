import { expect, test } from 'vitest'
import { benchWith, figure, placement } from '../../../../test/builders/placement.ts'
import { allocationsToUnknownPeer } from './allocations-to-unknown-peer.ts'

test('a holder that nobody has declared is a warning', () => {
  const view = benchWith(
    placement(({ ofPin }) => {
      ofPin.unknownHolder = figure(7, 7, ['bafy1'])
    }),
  )
  expect(allocationsToUnknownPeer.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'main',
      summary: '7 pins of cluster main are given to a peer that the fleet does not know.',
    },
  ])
})

test('where all holders are declared, nothing is said', () => {
  expect(allocationsToUnknownPeer.find(benchWith(placement()))).toEqual([])
})
