import type { Smart, SmartReport } from './smart.ts'
import { percent } from './text-units.ts'
import type { Share } from './units.ts'

/** One thing that SMART says against a disk. */
export interface SmartProblem {
  severity: 'critical' | 'warning'
  /** For sentences: `8 sectors wait to be read or given up (197)`. */
  text: string
}

export interface SmartThresholds {
  /** From how many reallocated sectors on, even when they do not grow. */
  reallocated: number
  /** From which share of an SSD's promised life on. */
  wear: Share
}

/**
 * What is wrong with a disk. Lifetime counts that only ever grow (5 and 199) count when they have grown since the agent
 * began to look, or passed the threshold: an old disk with a few that stand still is no news.
 */
export function smartProblems(
  report: SmartReport,
  first: Smart['first'][string] | undefined,
  limits: SmartThresholds,
): SmartProblem[] {
  if (report.state !== 'read') return []
  return [...verdict(report), ...counts(report, first, limits), ...ofNvme(report), ...worn(report, limits)]
}

function verdict({ passed, failingNow }: SmartReport): SmartProblem[] {
  return [
    ...(passed === false ? [critical('the disk itself says that it is failing')] : []),
    ...(failingNow.length === 0 ? [] : [critical(`below their thresholds: ${failingNow.slice(0, 5).join(', ')}`)]),
  ]
}

function counts(
  report: SmartReport,
  first: Smart['first'][string] | undefined,
  limits: SmartThresholds,
): SmartProblem[] {
  const { pending, uncorrectable, reported, reallocated, crc } = report
  const scsi = report.protocol === 'scsi'
  const moved = scsi ? 'defects have grown' : 'sectors were reallocated (5)'
  const grownSectors = grown(reallocated, first?.reallocated)
  const grownCrc = grown(crc, first?.crc)
  return [
    ...(pending === null || pending === 0 ? [] : [warning(`${pending} sectors wait to be read or given up (197)`)]),
    ...(uncorrectable === null || uncorrectable === 0
      ? []
      : [warning(`${uncorrectable} sectors cannot be read (198)`)]),
    ...(reported === null || reported === 0
      ? []
      : [
          warning(
            scsi ? `${reported} errors were not corrected` : `${reported} errors were reported as uncorrectable (187)`,
          ),
        ]),
    ...(reallocated !== null && (grownSectors > 0 || reallocated >= limits.reallocated)
      ? [warning(`${reallocated} ${moved}${grownSectors > 0 ? `, ${grownSectors} of them while watched` : ''}`)]
      : []),
    ...(grownCrc > 0 ? [warning(`${grownCrc} transfer errors while watched (199): look at its cable first`)] : []),
  ]
}

function worn({ used, nvme, failedTest }: SmartReport, limits: SmartThresholds): SmartProblem[] {
  const share = nvme?.used ?? used
  return [
    ...(failedTest === null
      ? []
      : [warning(`a self-test of it has failed${failedTest === '' ? '' : `: ${failedTest}`}`)]),
    ...(share !== null && share >= limits.wear ? [warning(`${percent(share)} of its promised life is used`)] : []),
  ]
}

/** The bits of the critical warning; a warm disk is the only one that is not lost soon. */
const nvmeBits: readonly SmartProblem[] = [
  { severity: 'critical', text: 'its spare blocks are below the threshold' },
  { severity: 'warning', text: 'its temperature is out of range' },
  { severity: 'critical', text: 'it is no longer reliable, by its own word' },
  { severity: 'critical', text: 'it has made itself read-only' },
  { severity: 'critical', text: 'its power backup has failed: what was acknowledged can be lost' },
  { severity: 'critical', text: 'its persistent memory region has become unreliable' },
]

function ofNvme({ nvme }: SmartReport): SmartProblem[] {
  if (nvme === null) return []
  const { criticalWarning, mediaErrors, spare, spareThreshold } = nvme
  const known = nvmeBits.filter((_, bit) => (criticalWarning & (1 << bit)) !== 0)
  const rest = criticalWarning >> nvmeBits.length
  return [
    ...known,
    ...(rest === 0 ? [] : [critical(`a critical warning that we do not know (${criticalWarning})`)]),
    ...(mediaErrors > 0 ? [warning(`${mediaErrors} errors of its medium`)] : []),
    ...(spare < spareThreshold && (criticalWarning & 1) === 0
      ? [critical(`only ${percent(spare)} of its spare blocks are left`)]
      : []),
  ]
}

const critical = (text: string): SmartProblem => ({ severity: 'critical', text })
const warning = (text: string): SmartProblem => ({ severity: 'warning', text })

/** By how much a count has grown; 0 where that is not known. */
const grown = (now: number | null, then: number | null | undefined): number =>
  now === null || then === null || then === undefined ? 0 : Math.max(0, now - then)
