import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { disk } from '../../../../test/builders/pool-status.ts'
import { diskFaulted } from './disk-faulted.ts'
import { diskRemoved } from './disk-removed.ts'
import { spareUnusable } from './spare-unusable.ts'

test.each(['UNAVAIL', 'FAULTED', 'REMOVED', 'OFFLINE', 'UNKNOWN'] as const)(
  'a spare that is %s is found, once',
  (state) => {
    const { view, n1 } = bench()
    n1.status.vdevs.spare = [disk('sds', { state })]
    expect(spareUnusable.find(view)).toMatchObject([{ severity: 'warning', subject: 'n1/hot-tier/sds' }])
    expect([...diskFaulted.find(view), ...diskRemoved.find(view)]).toEqual([])
  },
)

test.each(['AVAIL', 'INUSE'] as const)('a spare that is %s is well', (state) => {
  const { view, n1 } = bench()
  n1.status.vdevs.spare = [disk('sds', { state })]
  expect(spareUnusable.find(view)).toEqual([])
})

test('other leaves are the business of other checks', () => {
  const { view, n1 } = bench()
  n1.sda.state = 'UNAVAIL'
  expect(spareUnusable.find(view)).toEqual([])
})
