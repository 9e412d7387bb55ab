import { expect, test } from 'vitest'
import { benchWith, figure, placement } from '../../../../test/builders/placement.ts'
import { pinsOnOneHost } from './pins-on-one-host.ts'

test('copies on too few hosts are a warning', () => {
  const view = benchWith(
    placement(({ ofPin }) => {
      ofPin.onOneHost = figure(1, 1, ['bafy1'])
    }),
  )
  expect(pinsOnOneHost.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'main',
      summary: 'One pin has copies on fewer hosts of cluster main than the replication-min.',
    },
  ])
})

test('where every copy has a host of its own, nothing is said', () => {
  expect(pinsOnOneHost.find(benchWith(placement()))).toEqual([])
})
