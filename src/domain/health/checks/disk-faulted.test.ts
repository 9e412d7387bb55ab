import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { disk, group } from '../../../../test/builders/pool-status.ts'
import { diskFaulted } from './disk-faulted.ts'
import { redundancyLow } from './redundancy-low.ts'

test('a failed disk of a mirror is critical, and named by what it was', () => {
  const { view, n1 } = bench()
  Object.assign(n1.sdb, { name: '1234567890', state: 'UNAVAIL', note: 'was /dev/sdb1', kind: 'unknown' })
  expect(diskFaulted.find(view)).toMatchObject([
    {
      severity: 'critical',
      subject: 'n1/hot-tier/1234567890',
      place: { kind: 'disk', host: 'n1', store: 'hot' },
      summary: 'Disk 1234567890 (was /dev/sdb1) of pool hot-tier on n1 cannot be used: UNAVAIL, was /dev/sdb1.',
    },
  ])
})

test('a disk that failed at once is found although its mirror and its pool stay ONLINE until they are opened anew (2.2 to 2.4)', () => {
  const { view, n1 } = bench()
  Object.assign(n1.sdb, { state: 'FAULTED', note: 'too many errors' })
  expect([n1.mirror.state, n1.status.state, n1.status.root.state]).toEqual(['ONLINE', 'ONLINE', 'ONLINE'])
  expect(diskFaulted.find(view)).toMatchObject([{ severity: 'critical', subject: 'n1/hot-tier/sdb' }])
  expect(redundancyLow.find(view)).toMatchObject([{ severity: 'critical' }])
})

test('where another disk may still fail it is a warning', () => {
  const { view, n1 } = bench()
  n1.mirror.children.push(disk('sdc', { state: 'FAULTED', note: 'too many errors' }))
  expect(diskFaulted.find(view)).toMatchObject([{ severity: 'warning', subject: 'n1/hot-tier/sdc' }])
})

test('a failed cache or log is a warning, and says what is lost; a spare is the business of SPARE_UNUSABLE', () => {
  const { view, n1 } = bench()
  n1.status.vdevs.spare = [disk('s', { state: 'UNAVAIL' })]
  n1.status.vdevs.cache = [disk('c', { state: 'FAULTED' })]
  n1.status.vdevs.log = [disk('l', { state: 'FAULTED' })]
  const found = diskFaulted.find(view)
  expect(found.map(({ severity }) => severity)).toEqual(['warning', 'warning'])
  expect(found.map(({ endangers }) => endangers)).toEqual([
    expect.stringContaining('acknowledged'),
    expect.stringContaining('read cache'),
  ])
})

test('disks below a replacing vdev are found', () => {
  const { view, n1 } = bench()
  n1.mirror.children = [n1.sda, group('replacing-1', 'replacing', [disk('old', { state: 'FAULTED' }), disk('new')])]
  expect(diskFaulted.find(view).map(({ subject }) => subject)).toEqual(['n1/hot-tier/old'])
})

test('working disks, and spares that wait or work, are not found', () => {
  const { view, n1 } = bench()
  n1.status.vdevs.spare = [disk('s', { state: 'AVAIL' }), disk('t', { state: 'INUSE', note: 'currently in use' })]
  n1.sda.note = '(resilvering)'
  expect(diskFaulted.find(view)).toEqual([])
})
