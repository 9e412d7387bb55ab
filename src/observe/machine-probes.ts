import type { MachineObservation } from '../domain/observation.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import type { ProbeTiming } from '../domain/probe.ts'
import { createProbe, type ProbesOf } from './probe.ts'

/** How the machine itself is looked at, beside its ZFS. */
export function machineProbes(
  { machine, stores }: HostPorts,
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
  }
}

function unitsOf({ declaration: { units } }: HostPorts['stores'][number]): string[] {
  return [units?.cluster, units?.kubo].filter((unit) => unit !== undefined)
}
