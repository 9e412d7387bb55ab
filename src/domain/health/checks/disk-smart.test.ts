import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { smartReport } from '../../../../test/builders/machine.ts'
import type { SmartReport } from '../../smart.ts'
import { diskSmart } from './disk-smart.ts'

function found(changed: Partial<SmartReport>, disk = 'sda') {
  const { view, n1 } = bench()
  const smart = n1.machine.smart?.last?.value
  smart?.reports.push(smartReport(disk, changed))
  smart?.reports.shift()
  return { view, n1, smart, findings: diskSmart.find(view) }
}

test('a disk of a pool is told with its pool', () => {
  expect(found({ pending: 8 }).findings).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/hot-tier/sda',
      place: { kind: 'disk', store: 'hot' },
      summary: 'Disk sda of pool hot-tier on n1 shows signs of failing: 8 sectors wait to be read or given up (197).',
    },
  ])
})

test('a disk that calls itself failing is critical', () => {
  expect(found({ passed: false }).findings).toMatchObject([
    { severity: 'critical', summary: expect.stringContaining('is failing') },
  ])
})

test('a disk in no pool is told too', () => {
  expect(found({ reported: 2 }, 'sdx').findings).toMatchObject([{ severity: 'warning', subject: 'n1/sdx' }])
})

test('a disk of a pool that does not answer is unknown; one of no pool says nothing', () => {
  expect(found({ state: 'unreadable', message: 'open failed' }).findings).toMatchObject([{ severity: 'unknown' }])
  expect(found({ state: 'unreadable' }, 'sdx').findings).toEqual([])
})

test.each(['unsupported', 'standby'] as const)('a disk that is %s says nothing', (state) => {
  expect(found({ state, passed: null }).findings).toEqual([])
})

test('without smartctl: how to get it, unless all disks are virtual', () => {
  const { view, n1, smart } = found({})
  if (smart !== undefined) Object.assign(smart, { missing: 'apt install smartmontools', reports: [] })
  expect(diskSmart.find(view)).toMatchObject([
    { severity: 'info', subject: 'n1', remedy: 'On n1: apt install smartmontools' },
  ])
  for (const disk of n1.machine.disks.last?.value ?? []) disk.model = 'QEMU HARDDISK'
  expect(diskSmart.find(view)).toEqual([])
})
