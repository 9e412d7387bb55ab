import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { before, now } from '../../../../test/builders/readings.ts'
import type { Scan } from '../../pool-status.ts'
import { Bytes, days } from '../../units.ts'
import { scrubErrors } from './scrub-errors.ts'

const scrub = (errors: number | null, repaired = 0): Scan => ({
  kind: 'scrub',
  state: 'finished',
  endedAt: before(now, days(3)),
  repaired: Bytes.parse(repaired),
  errors,
})

test('errors that are left are critical while files are listed, or while nobody knows', () => {
  const { view, n1, n2 } = bench()
  n1.status.scans = [scrub(7)]
  n1.status.dataErrors.count = 2
  n2.status.scans = [scrub(1)]
  n2.status.dataErrors.count = null
  expect(scrubErrors.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'n1/hot-tier',
      count: 7,
      summary: 'The scrub of pool hot-tier on n1 3 days ago found 7 errors that it could not repair.',
    },
    { severity: 'critical', summary: expect.stringContaining('found 1 error that') as string },
  ])
})

test('once no file is listed, another scrub has to say so: a warning', () => {
  const { view, n1 } = bench()
  n1.status.scans = [scrub(7)]
  expect(scrubErrors.find(view)).toMatchObject([{ severity: 'warning' }])
})

test('what was repaired is an info', () => {
  const { view, n1 } = bench()
  n1.status.scans = [scrub(0, 4 * 2 ** 20)]
  expect(scrubErrors.find(view)).toMatchObject([
    { severity: 'info', endangers: '', summary: expect.stringContaining('has repaired 4.0 MiB') as string },
  ])
})

test('a resilver with errors is found too; what a resilver has written anew is no repair', () => {
  const { view, n1, n2 } = bench()
  n1.status.scans = [{ ...scrub(2), kind: 'resilver' }]
  n2.status.scans = [{ ...scrub(0, 1e9), kind: 'resilver' }]
  expect(scrubErrors.find(view)).toMatchObject([{ subject: 'n1/hot-tier' }])
})

test('a clean scrub, one that runs, and none at all are not found', () => {
  const { view, n1, n2 } = bench()
  expect(scrubErrors.find(view)).toEqual([])
  n1.status.scans = []
  n2.status.scans = [{ ...scrub(null), state: 'in-progress' }]
  expect(scrubErrors.find(view)).toEqual([])
})
