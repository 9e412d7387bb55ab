import { bytesText, percent } from '../../text-units.ts'
import { shareOf } from '../../units.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Finding } from '../finding.ts'
import { answered } from '../view.ts'

export const hostMemoryLow: Check = {
  code: 'HOST_MEMORY_LOW',
  title: 'A host has little memory left',
  severities: ['critical', 'warning'],
  explanation: {
    meaning:
      'What programs can still get: the kernel’s MemAvailable, and what the ARC holds beyond its minimum, which it gives back under pressure and MemAvailable does not count. Warning below 10 % of the memory, critical below 5 %, settable. Where ZFS is used and its ARC is not known, nothing is said: MemAvailable alone would read as trouble on a healthy host.',
    endangers: 'The kernel ends programs when memory is used up: Kubo and IPFS Cluster are the largest ones.',
    remedy: 'Find what has grown; give the ARC a lower limit, or the host more memory.',
    settings: ['checks.hostMemory.warning', 'checks.hostMemory.critical'],
    sources: ['proc(5): MemAvailable', '/proc/spl/kstat/zfs/arcstats: size and c_min'],
  },
  find: (view) =>
    answered(view).flatMap(({ name, observation, now }): Finding[] => {
      const reading = observation.machine.facts
      const memory = reading.last?.value.memory
      const arcReading = observation.zfs?.arc
      const arc = arcReading?.last?.value.after
      if (memory === undefined || memory.total === 0 || (arcReading !== undefined && arc === undefined)) return []
      const evictable = arc === undefined ? 0 : Math.max(0, arc.size - arc.minimum)
      const share = shareOf(memory.available + evictable, memory.total)
      const { warning, critical } = view.fleet.checks.hostMemory
      if (share >= warning) return []
      return [
        {
          code: 'HOST_MEMORY_LOW',
          severity: share < critical ? 'critical' : 'warning',
          subject: name,
          place: { kind: 'host', host: name },
          summary: `${name} has ${bytesText(memory.available + evictable)} of memory left for programs, ${percent(share)} of ${bytesText(memory.total)}.`,
          evidence: [
            ...evidenceFrom(reading, now, { 'memory available': bytesText(memory.available) }),
            ...(arcReading === undefined || arc === undefined
              ? []
              : evidenceFrom(arcReading, now, {
                  'ARC that can be given back': bytesText(evictable),
                  'ARC size': bytesText(arc.size),
                })),
            declared('thresholds', `warning ${percent(warning)}, critical ${percent(critical)}`, 'fleet file'),
          ],
          endangers: `The kernel can end Kubo or IPFS Cluster on ${name}, and the copies there are not reachable until they run again.`,
          remedy: `On ${name}, see what holds the memory (\`ps -eo rss,comm --sort=-rss | head\`). If it is the ARC, lower zfs_arc_max; if it is a daemon that grows, restart it in a quiet hour and look at its version.`,
        },
      ]
    }),
}
