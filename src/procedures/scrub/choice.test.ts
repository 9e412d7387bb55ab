import { expect, test } from 'vitest'
import { bench } from '../../../test/builders/fleet-view.ts'
import { before, now, trouble } from '../../../test/builders/readings.ts'
import { days } from '../../domain/units.ts'
import { choosePools } from './choice.ts'

test('pools whose scrubs cannot be seen are told as left out of those that are due, also where that is all of them', () => {
  const { view, n1, n2 } = bench()
  const due = () => choosePools(view, { due: true })
  n2.status.scans = [
    {
      kind: 'scrub',
      state: 'finished',
      startedAt: before(now, days(70)),
      endedAt: before(now, days(69)),
      errors: 0,
    },
  ]
  // The control: seen, the other one is not due, and nothing is left out.
  expect(due()).toMatchObject({ pools: [{ subject: 'n2/hot-tier' }], leftOut: [] })
  const unseen = { last: null, trouble: trouble('stuck') }
  Object.assign(n1.zfs.poolStatus, unseen)
  expect(due().leftOut).toEqual([{ what: 'n1/hot-tier', why: 'it is not imported, or was not seen yet' }])
  Object.assign(n2.zfs.poolStatus, unseen)
  expect(due).toThrow(/no pool is due; left out: n1\/hot-tier .*n2\/hot-tier/)
})
