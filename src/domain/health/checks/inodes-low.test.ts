import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { inodesLow } from './inodes-low.ts'

function found(free: number) {
  const { view, n1 } = bench()
  const { last } = n1.machine.filesystems
  if (last !== null) last.value = [{ mountpoint: '/var', type: 'ext4', inodes: { total: 1000, free } }]
  return inodesLow.find(view)
}

test.each([
  [101, undefined],
  [100, 'warning'],
  [50, 'critical'],
  [0, 'critical'],
])('with %d of 1000 free: %s', (free, severity) => {
  expect(found(free).map((finding) => finding.severity)).toEqual(severity === undefined ? [] : [severity])
})

test('names the file system', () => {
  expect(found(80)).toMatchObject([
    { subject: 'n1/filesystem:/var', summary: '92 % of the inodes of /var on n1 are in use.' },
  ])
})

test('nothing is said where nobody has looked', () => {
  const { view, n1 } = bench()
  n1.machine.filesystems.last = null
  expect(inodesLow.find(view)).toEqual([])
})
