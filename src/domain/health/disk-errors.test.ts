import { expect, test } from 'vitest'
import { bench, disk } from '../../../test/builders/fleet-view.ts'
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
