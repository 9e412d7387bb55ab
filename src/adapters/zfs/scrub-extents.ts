import { doesItsWork, type PoolStatus, type Scan } from '../../domain/pool-status.ts'
import { Share } from '../../domain/units.ts'
import { lineSplitter } from '../http/split-lines.ts'
import type { Exec, ExecOptions } from '../system/exec.ts'

/**
 * What the history of one pool says of its scans: a line `2026-11-29.03:08:24 [txg:20] scan setup func=1 mintxg=0
 * maxtxg=20` for each (2.3.2; the same text in the source of 2.1 to 2.4), in UTC as `exec` asks. Only root reads it.
 */
export const scanSetupsArgs = (pool: string): readonly string[] => ['history', '-i', pool]

/** The newest of these lines. A history may have millions of others, which are read and not kept. */
export async function readScanSetups(exec: Exec, pool: string, options: ExecOptions): Promise<string> {
  // A record can hold a whole command line.
  const lines = lineSplitter({ lineBytes: 1024 * 1024 })
  let kept: string[] = []
  const read = (chunk: Uint8Array) => {
    for (const line of lines.push(chunk)) if (isSetup.test(line)) kept.push(line)
    kept = kept.slice(-keptSetups)
  }
  read(Buffer.from(await exec('zpool', scanSetupsArgs(pool), { ...options, onStdout: read })))
  return kept.map((line) => `${line}\n`).join('')
}

const keptSetups = 20
const isSetup = /^[\d.:-]{19} \[txg:\d{1,20}\] scan setup func=/

/**
 * Whether the scrub that began then was to read everything: from the first transaction to that of its own beginning.
 * Undefined where no line, or more than one meaning, stands for it.
 */
export function extentFrom(setups: string, startedAt: number): Scan['extent'] {
  const pattern =
    /^(\d{4}-\d\d-\d\d)\.(\d\d:\d\d:\d\d) \[txg:(\d{1,20})\] scan setup func=1 mintxg=(\d{1,20}) maxtxg=(\d{1,20})$/gm
  const found = [...setups.matchAll(pattern)].flatMap(([, day, time, txg, from, to]) =>
    // Both are taken in the same transaction, by whole seconds.
    Math.abs(Date.parse(`${day}T${time}Z`) - startedAt) <= 1000 ? [from === '0' && to === txg] : [],
  )
  return found.length === 0 || new Set(found).size > 1 ? undefined : found[0] === true ? 'whole' : 'part'
}

/** How long all histories of one look may take: the look itself must not wait for them. */
const patienceMs = 5000
/** After how many looks a history that could not be read, or said nothing, is asked again. */
const looksBetween = 100

/**
 * Fills in how much a finished scrub has read, by the history of its pool, which is read once for each scrub. Where that
 * fails or says nothing, its counters stand: the status itself was read.
 */
export function scrubExtents(setupsOf: (pool: string, signal: AbortSignal) => Promise<string>) {
  let known = new Map<string, { startedAt: number; extent: Scan['extent']; looks: number }>()
  return async (statuses: PoolStatus[], signal?: AbortSignal): Promise<PoolStatus[]> => {
    const patience = AbortSignal.timeout(patienceMs)
    const both = signal === undefined ? patience : AbortSignal.any([signal, patience])
    const now: typeof known = new Map()
    const filled: PoolStatus[] = []
    for (const status of statuses) {
      const startedAt = [...status.scans, ...(status.olderScans ?? [])].find((scan) => isFinished(scan))?.startedAt
      // Of a pool that has stopped, no history comes back.
      if (startedAt === undefined || !doesItsWork(status.state)) {
        filled.push(status)
        continue
      }
      const key = status.guid ?? status.name
      const before = known.get(key)
      let memory = before?.startedAt === startedAt ? { ...before, looks: before.looks + 1 } : undefined
      if (!both.aborted && (memory === undefined || (memory.extent === undefined && memory.looks >= looksBetween))) {
        const setups = await setupsOf(status.name, both).catch(() => '')
        memory = { startedAt, extent: extentFrom(setups, startedAt), looks: 0 }
      }
      if (memory !== undefined) now.set(key, memory)
      filled.push(memory?.extent === undefined ? status : withExtent(status, memory.extent))
    }
    known = now
    return filled
  }
}

const isFinished = ({ kind, state }: Scan): boolean => kind === 'scrub' && state === 'finished'

function withExtent(status: PoolStatus, extent: 'whole' | 'part'): PoolStatus {
  const fill = (scan: Scan): Scan => {
    if (!isFinished(scan)) return scan
    const { share: _, ...rest } = scan
    return { ...rest, extent, ...(extent === 'whole' ? { share: Share.parse(1) } : {}) }
  }
  return {
    ...status,
    scans: status.scans.map(fill),
    ...(status.olderScans === undefined ? {} : { olderScans: status.olderScans.map(fill) }),
  }
}
