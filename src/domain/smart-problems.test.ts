import { describe, expect, test } from 'vitest'
import { smartReport } from '../../test/builders/machine.ts'
import type { SmartReport } from './smart.ts'
import { smartProblems } from './smart-problems.ts'
import { Share } from './units.ts'

const limits = { reallocated: 50, wear: Share.parse(0.9) }
const problems = (changed: Partial<SmartReport>, first?: { reallocated: number | null; crc: number | null }) =>
  smartProblems(smartReport('sda', changed), first, limits).map(({ severity, text }) => `${severity}: ${text}`)

const nvme = { criticalWarning: 0, mediaErrors: 0, spare: Share.parse(1), spareThreshold: Share.parse(0.1), used: 0.03 }

describe('a disk that is well, or is not read', () => {
  test.each<Partial<SmartReport>>([
    {},
    { passed: null },
    { nvme },
    // Lifetime counts below the threshold that stand still are no news.
    { reallocated: 49, crc: 108 },
    { state: 'standby', passed: false, pending: 8 },
  ])('%j says nothing', (changed) => {
    expect(problems(changed, { reallocated: 49, crc: 108 })).toEqual([])
  })
})

test.each<[Partial<SmartReport>, string]>([
  [{ passed: false }, 'critical: the disk itself says that it is failing'],
  [{ failingNow: ['Reallocated_Sector_Ct'] }, 'critical: below their thresholds: Reallocated_Sector_Ct'],
  [{ pending: 8 }, 'warning: 8 sectors wait to be read or given up (197)'],
  [{ uncorrectable: 2 }, 'warning: 2 sectors cannot be read (198)'],
  [{ reported: 1 }, 'warning: 1 errors were reported as uncorrectable (187)'],
  [{ protocol: 'scsi', reported: 3 }, 'warning: 3 errors were not corrected'],
  [{ reallocated: 50 }, 'warning: 50 sectors were reallocated (5)'],
  [{ protocol: 'scsi', reallocated: 60 }, 'warning: 60 defects have grown'],
  [{ nvme: { ...nvme, criticalWarning: 1 } }, 'critical: its spare blocks are below the threshold'],
  [{ nvme: { ...nvme, criticalWarning: 2 } }, 'warning: its temperature is out of range'],
  [{ nvme: { ...nvme, criticalWarning: 8 } }, 'critical: it has made itself read-only'],
  [{ nvme: { ...nvme, criticalWarning: 128 } }, 'critical: a critical warning that we do not know (128)'],
  [{ nvme: { ...nvme, mediaErrors: 7 } }, 'warning: 7 errors of its medium'],
  [{ nvme: { ...nvme, spare: Share.parse(0.05) } }, 'critical: only 5 % of its spare blocks are left'],
  [{ nvme: { ...nvme, used: 0.9 } }, 'warning: 90 % of its promised life is used'],
])('%j', (changed, text) => {
  expect(problems(changed)).toEqual([text])
})

test('what has grown while watched is told below any threshold', () => {
  expect(problems({ reallocated: 9, crc: 110 }, { reallocated: 8, crc: 108 })).toEqual([
    'warning: 9 sectors were reallocated (5), 1 of them while watched',
    'warning: 2 transfer errors while watched (199): look at its cable first',
  ])
})
