import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import type { Finding } from '../finding.ts'
import { usesZfs } from '../uses-zfs.ts'
import { type AnsweredHost, answered } from '../view.ts'

export const hostidMissingOrShared: Check = {
  code: 'HOSTID_MISSING_OR_SHARED',
  title: 'ZFS cannot tell this host from another',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      'ZFS writes the number in /etc/hostid into every pool, and refuses to import a pool that another number was using. Warning where two hosts of the fleet have the same number, as machines cloned from one image do. Info where a host with ZFS has none: nothing is wrong while its disks are reached by no other host, but `multihost` cannot be switched on.',
    endangers: 'A pool whose disks two hosts can reach is imported on both, and destroyed by it.',
    remedy:
      'Give each host its own with zgenhostid, in a window: its pools remember the old number until they are imported anew.',
    sources: ['zgenhostid(8)', 'zpoolprops(7), multihost'],
  },
  find: (view) => {
    const hosts = answered(view).filter((host) => usesZfs(host) && host.observation.machine.installed.last !== null)
    const byId = Map.groupBy(hosts, hostIdOf)
    return hosts.flatMap((host) => {
      const id = hostIdOf(host)
      if (id === null) return [missing(host)]
      const others = (byId.get(id) ?? []).filter((other) => other !== host)
      return others.length === 0 ? [] : [shared(host, id, others)]
    })
  },
}

const hostIdOf = ({ observation }: AnsweredHost): string | null =>
  observation.machine.installed.last?.value.hostId ?? null

const common = ({ name }: AnsweredHost) => ({
  code: 'HOSTID_MISSING_OR_SHARED',
  subject: name,
  place: { kind: 'host' as const, host: name },
})

function missing(host: AnsweredHost): Finding {
  const { name, observation, now } = host
  return {
    ...common(host),
    severity: 'info',
    summary: `${name} has no host ID, so ZFS cannot tell whether another host uses its pools.`,
    evidence: evidenceFrom(observation.machine.installed, now, { '/etc/hostid': null }),
    endangers: '',
    remedy: `On ${name}, run \`zgenhostid\` in a window, then restart it. Needed where another host can reach its disks.`,
  }
}

function shared(host: AnsweredHost, id: string, others: readonly AnsweredHost[]): Finding {
  const { name, observation, now } = host
  const named = others.slice(0, 5).map((other) => other.name)
  const rest = others.length - named.length
  const list = `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  return {
    ...common(host),
    severity: 'warning',
    summary: `${name} has the same host ID as ${list}: ZFS takes them for one host.`,
    evidence: evidenceFrom(observation.machine.installed, now, { '/etc/hostid': id, 'the same on': list }),
    endangers: `If ${name} and another of them ever reach the same disks, ZFS imports the pool on both, which destroys it.`,
    remedy: `On ${name}, in a window: \`zgenhostid -f\`, rebuild the initramfs, export its pools and restart it.`,
  }
}
