import { explain, NotPermitted, ProgramMissing } from '../../domain/errors.ts'
import { fewAtOnce } from '../../domain/few-at-once.ts'
import type { Smart, SmartReport } from '../../domain/smart.ts'
import { parseSmart } from './smartctl.ts'

/** So many disks are asked side by side: one that answers slowly does not keep the others waiting. */
const sideBySide = 4

/** SMART of the given disks. What one of them does not tell is said of that one alone. */
export async function readSmart(
  disks: readonly string[],
  run: (disk: string, signal?: AbortSignal) => Promise<string>,
  signal?: AbortSignal,
): Promise<Omit<Smart, 'first'>> {
  try {
    const reports = await fewAtOnce(sideBySide, disks, async (disk) => readOne(disk, run, signal))
    return { missing: null, reports }
  } catch (error) {
    if (error instanceof ProgramMissing) return { missing: error.hint, reports: [] }
    throw error
  }
}

async function readOne(
  disk: string,
  run: (disk: string, signal?: AbortSignal) => Promise<string>,
  signal?: AbortSignal,
): Promise<SmartReport> {
  try {
    return parseSmart(disk, await run(disk, signal))
  } catch (error) {
    // These two are so for all disks.
    if (error instanceof ProgramMissing || error instanceof NotPermitted || signal?.aborted === true) throw error
    return { ...nothing, disk, message: explain(error).slice(0, 300) }
  }
}

/** A report in which nothing is known. */
export const nothing: Omit<SmartReport, 'disk'> = {
  state: 'unreadable',
  message: '',
  protocol: 'unknown',
  model: '',
  serial: '',
  passed: null,
  temperature: null,
  powerOnHours: null,
  reallocated: null,
  reported: null,
  pending: null,
  uncorrectable: null,
  crc: null,
  failingNow: [],
  used: null,
  failedTest: null,
  nvme: null,
}
