import { readdirSync, readFileSync } from 'node:fs'
import type { KuboProcess } from '../../domain/daemons.ts'
import type { UnitState } from './unit.ts'

/** The command lines of processes; of /proc, which never blocks. */
export interface Processes {
  pids(): number[]
  /** Empty for a kernel thread; undefined where it is gone, or hidden (hidepid). */
  commandLine(pid: number): string[] | undefined
}

export const procProcesses: Processes = {
  pids: () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number),
  commandLine(pid) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    } catch {
      return undefined
    }
  },
}

/**
 * Whether a store's Kubo runs with `--enable-gc`. Without a unit that tells its process, all Kubos of the host are looked
 * at: if they agree, this one is no exception.
 */
export function lookAtKubo(unit: { name: string; state: UnitState } | undefined, processes: Processes): KuboProcess {
  const pid = unit?.state.mainPid ?? 0
  const own = pid > 0 ? processes.commandLine(pid) : undefined
  if (unit !== undefined && own !== undefined && isKubo(own)) {
    return { enableGc: hasGc(own), seen: `command line of ${unit.name}, process ${pid}` }
  }
  const all = processes.pids().flatMap((one) => {
    const line = processes.commandLine(one)
    return line !== undefined && isKubo(line) ? [hasGc(line)] : []
  })
  const [first] = all
  if (first === undefined) return { enableGc: null, seen: 'no process of Kubo can be seen on this host' }
  if (all.some((one) => one !== first)) {
    return {
      enableGc: null,
      seen: `${all.length} Kubos run here, some with --enable-gc, and no unit tells which is whose (agent.yaml: units.kubo)`,
    }
  }
  return { enableGc: first, seen: `command line of every Kubo on this host (${all.length})` }
}

const isKubo = ([program = '', ...args]: readonly string[]): boolean =>
  /(^|\/)ipfs$/.test(program) && args.includes('daemon')

/** As Kubo reads its options: the last one counts, and `=false` switches off. */
function hasGc(line: readonly string[]): boolean {
  const last = line.findLast((arg) => /^--enable-gc(=|$)/.test(arg))
  return last !== undefined && !/=(false|f|0)$/i.test(last)
}
