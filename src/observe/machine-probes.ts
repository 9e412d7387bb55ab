import type { MachineObservation } from '../domain/observation.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import type { ProbeTiming } from '../domain/probe.ts'
import type { Smart } from '../domain/smart.ts'
import { ioActivity } from './io-pair.ts'
import { createProbe, type ProbesOf } from './probe.ts'

/** How the machine itself is looked at, beside its ZFS. */
export function machineProbes(
  { machine, storage, stores }: HostPorts,
  timing: ProbeTiming,
  clock: Clock,
): ProbesOf<MachineObservation> {
  return {
    facts: createProbe({
      source: '/proc/meminfo, /proc/stat',
      timing: timing.machine,
      clock,
      look: (signal) => machine.facts(signal),
    }),
    services: createProbe({
      source: 'systemctl show',
      timing: timing.services,
      clock,
      look: (signal) => machine.services([...new Set(stores.flatMap(unitsOf))], signal),
    }),
    installed: createProbe({
      source: '/lib/modules, /etc/hostid, cron and timers',
      timing: timing.installed,
      clock,
      look: (signal) => machine.installed(signal),
    }),
    boot: createProbe({
      source: '/proc/sys/kernel/random/boot_id and the notes of the agent',
      timing: timing.installed,
      clock,
      look: (signal) => machine.boot(signal),
    }),
    filesystems: createProbe({
      source: 'df --output',
      timing: timing.services,
      clock,
      look: (signal) => machine.filesystems(signal),
    }),
    disks: createProbe({
      source: '/sys/block and udev',
      timing: timing.disks,
      clock,
      look: (signal) => machine.disks(signal),
    }),
    io: createProbe({
      source: '/proc/diskstats',
      timing: timing.io,
      clock,
      look: ioActivity(() => machine.io(), clock),
    }),
    smart:
      storage &&
      createProbe({
        source: 'smartctl',
        timing: timing.smart,
        clock,
        look: withFirstCounts((signal) => machine.smart(signal)),
      }),
  }
}

function unitsOf({ declaration: { units } }: HostPorts['stores'][number]): string[] {
  return [units?.cluster, units?.kubo].filter((unit) => unit !== undefined)
}

/** Adds the counts as they were when each disk was first read: what has grown since is news. */
function withFirstCounts(read: (signal: AbortSignal) => Promise<Omit<Smart, 'first'>>) {
  const first = new Map<string, { serial: string; counts: Smart['first'][string] }>()
  return async (signal: AbortSignal): Promise<Smart> => {
    const smart = await read(signal)
    for (const { disk, serial, state, reallocated, crc } of smart.reports) {
      // The kernel gives a name anew when a disk is replaced.
      if (state === 'read' && first.get(disk)?.serial !== serial)
        first.set(disk, { serial, counts: { reallocated, crc } })
    }
    return { ...smart, first: Object.fromEntries([...first].map(([disk, { counts }]) => [disk, counts])) }
  }
}
