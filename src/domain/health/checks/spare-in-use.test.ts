import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { disk, group } from '../../../../test/builders/pool-status.ts'
import { spareInUse } from './spare-in-use.ts'

const inUse = () => disk('sds', { state: 'INUSE', note: 'currently in use' })

test('a spare that stands in names the disk', () => {
  const { view, n1 } = bench()
  const failed = disk('sdb', { state: 'FAULTED' })
  n1.mirror.children = [n1.sda, group('spare-1', 'spare', [failed, disk('sds')], { state: 'DEGRADED' })]
  n1.status.vdevs.spare = [inUse()]
  expect(spareInUse.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/hot-tier/sds',
      summary: 'Spare sds of pool hot-tier on n1 stands in for sdb (FAULTED).',
    },
  ])
})

test('a spare that another pool uses is an info', () => {
  const { view, n1 } = bench()
  n1.status.vdevs.spare = [inUse()]
  expect(spareInUse.find(view)).toMatchObject([{ severity: 'info', endangers: '' }])
})

test('a spare that waits is not found', () => {
  const { view, n1 } = bench()
  n1.status.vdevs.spare = [disk('sds', { state: 'AVAIL' })]
  expect(spareInUse.find(view)).toEqual([])
})
