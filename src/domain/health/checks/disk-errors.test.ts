import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { disk } from '../../../../test/builders/pool-status.ts'
import { before, now } from '../../../../test/builders/readings.ts'
import { hours } from '../../units.ts'
import { diskErrors } from './disk-errors.ts'

test('counts are told by kind', () => {
  const { view, n1 } = bench()
  n1.sda.readErrors = 2
  n1.sda.checksumErrors = 17
  expect(diskErrors.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/hot-tier/sda',
      summary: 'Disk sda of pool hot-tier on n1 still works, but has made errors (2 read, 17 checksum).',
    },
  ])
})

test('a disk that is DEGRADED with its counts cleared is found', () => {
  const { view, n1 } = bench()
  n1.sda.state = 'DEGRADED'
  expect(diskErrors.find(view)).toHaveLength(1)
})

test('failed disks are the business of DISK_FAULTED; spares have no counts', () => {
  const { view, n1 } = bench()
  Object.assign(n1.sda, { state: 'FAULTED', readErrors: 5 })
  n1.status.vdevs.spare = [disk('s', { state: 'AVAIL', readErrors: null, writeErrors: null, checksumErrors: null })]
  expect(diskErrors.find(view)).toEqual([])
})

/** The history of sda: so many errors at so many hours ago. */
function withHistory(...samples: [hoursAgo: number, errors: number][]) {
  const { view, n1 } = bench()
  n1.sda.checksumErrors = 12
  if (n1.zfs.errorHistory.last !== null) {
    n1.zfs.errorHistory.last.value.samples = samples.map(([ago, errors]) => ({
      at: before(now, hours(ago)),
      counts: { 'hot-tier/sda': { errors, slowIos: 0 } },
    }))
  }
  return { view, n1, find: () => diskErrors.find(view) }
}

test('errors that grow are told as growing; critical where nothing more may fail', () => {
  const { n1, find } = withHistory([5, 2], [3, 7], [0, 12])
  expect(find()).toMatchObject([{ severity: 'warning', summary: expect.stringContaining('makes more and more') }])
  n1.sdb.state = 'FAULTED'
  expect(find()).toMatchObject([{ severity: 'critical' }])
})

test('errors of which none has come for a day are isolated', () => {
  expect(withHistory([25, 12], [10, 12], [0, 12]).find()).toMatchObject([
    { severity: 'info', endangers: '', summary: expect.stringContaining('none has come for a day') },
  ])
})

test.each<[string, [number, number][]]>([
  [
    'watched for less than a day',
    [
      [23, 12],
      [0, 12],
    ],
  ],
  [
    'all of them came at once',
    [
      [25, 0],
      [2, 12],
      [0, 12],
    ],
  ],
  ['not watched yet', []],
])('%s: a warning', (_, samples) => {
  expect(withHistory(...samples).find()).toMatchObject([{ severity: 'warning' }])
})

test('a disk that ZFS has marked for its errors is not called isolated', () => {
  const { n1, find } = withHistory([25, 12], [0, 12])
  n1.sda.state = 'DEGRADED'
  expect(find()).toMatchObject([{ severity: 'warning' }])
})
