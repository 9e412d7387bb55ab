import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { diskRemoved } from './disk-removed.ts'

test('a disk that was pulled from a mirror is critical', () => {
  const { view, n1 } = bench()
  n1.sda.state = 'REMOVED'
  expect(diskRemoved.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'n1/hot-tier/sda',
      summary: 'Disk sda of pool hot-tier on n1 is gone: it was pulled, or lost its connection.',
    },
  ])
})

test('a disk that somebody took offline is a warning', () => {
  const { view, n1 } = bench()
  n1.sda.state = 'OFFLINE'
  const [found] = diskRemoved.find(view)
  expect(found).toMatchObject({ severity: 'warning', subject: 'n1/hot-tier/sda' })
  expect(found?.remedy).toContain('zpool online hot-tier sda')
})

test('failed disks are the business of DISK_FAULTED', () => {
  const { view, n1 } = bench()
  n1.sda.state = 'FAULTED'
  expect(diskRemoved.find(view)).toEqual([])
})
