import { Command } from 'commander'
import { arcsIn } from '../domain/activity.ts'
import type { FleetView } from '../domain/health/view.ts'
import { bytesText, percent } from '../domain/text-units.ts'
import { addLiveOptions, live, type LiveOptions, type Shown } from './live.ts'
import type { Terminal } from './terminal.ts'

export function arcCommand(terminal: Terminal): Command {
  return addLiveOptions(new Command('arc'))
    .description('The read caches of ZFS: size, target, and the share of reads that they answer, by host')
    .addHelpText(
      'after',
      `
The share is that between the newest two samples of each host's agent (probes.kstats in agent.yaml, every 5 s); SEEN is the
age of the newer one. Without reads there is no share.

Examples:
  tiercel arc
  tiercel arc --every 5s
  tiercel arc --every 10s --count 6 --json | jq '.hosts[] | [.host, .hitShare]'`,
    )
    .action(async (options: LiveOptions) => {
      process.exitCode = await live(options, terminal, arcs)
    })
}

/** One picture of all hosts with ZFS. */
export function arcs(view: FleetView): Shown {
  const hosts = arcsIn(view)
  return {
    header: ['HOST', 'SIZE', 'TARGET', 'LIMIT', 'HITS', 'READS/S', 'SEEN'],
    rows: hosts.map(({ host, size, target, maximum, hitShare, perSecond, seen }) => [
      host,
      bytes(size),
      bytes(target),
      bytes(maximum),
      hitShare === null ? (perSecond === null ? '?' : '-') : percent(hitShare),
      perSecond === null ? '?' : perSecond.toFixed(0),
      seen === null ? 'not yet' : `${(seen / 1000).toFixed(0)} s ago`,
    ]),
    document: { hosts: hosts.map(({ seen, ...rest }) => ({ ...rest, ageMs: seen })) },
  }
}

const bytes = (count: number | null): string => (count === null ? '?' : bytesText(count))
