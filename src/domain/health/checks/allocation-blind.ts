import { durationText } from '../../text-units.ts'
import { age, minutes } from '../../units.ts'
import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import type { Evidence, Finding } from '../finding.ts'
import { peersOf, type PeerOfCluster } from '../peers-of-cluster.ts'
import { failureOf } from '../readings-of-host.ts'
import { placeOfStore, presentOf } from '../stores-of-host.ts'
import type { FleetView } from '../view.ts'

/** Two announcements may be missed: a metric lives 30 s by default. */
const silentFor = minutes(1)

export const allocationBlind: Check = {
  code: 'ALLOCATION_BLIND',
  title: 'A Cluster peer cannot be chosen as a holder of pins',
  severities: ['critical', 'warning'],
  explanation: {
    meaning:
      'Holders are chosen among the peers that announce every metric of `allocator.balanced.allocate_by`, a setting of the peer that takes the request. A peer that lacks one is not chosen, and does not count as a holder that is there. Where no settings can be read, a metric counts as needed when any other peer of the cluster announces it. Critical when no peer has all of them: then no pin can be placed. A peer whose Kubo is dead lacks `freespace`; KUBO_UNREACHABLE tells that.',
    endangers: 'New pins go to the other stores; with too few of them, adding a pin fails.',
    remedy:
      'Compare the section `informer` and `allocator.balanced.allocate_by` in service.json of this peer with those of the others: usually a tag is missing, or the informer is switched off. `freespace` is missing when RepoSize has passed StorageMax.',
    settings: ['stores[].clusterFolder in agent.yaml'],
    sources: [
      'a peer must have all listed metrics valid, or it is invisible as candidate and as holder (ipfs-cluster 1.1.6, allocate.go filterMetrics)',
      '`GET /monitor/metrics` (ipfs-cluster 1.1.6)',
    ],
  },
  find: (view) => view.fleet.clusters.flatMap(({ name }) => judge(name, view)),
}

function judge(cluster: string, view: FleetView): Finding[] {
  const peers = peersOf(cluster, view).flatMap((peer) => {
    const { host, observed } = peer.store
    const reading = observed?.metrics ?? null
    const heard = presentOf(reading, host)
    const isDown = failureOf(observed?.kubo) !== undefined || (observed?.peer?.last?.value.kubo.error ?? '') !== ''
    if (reading === null || reading.last === null || heard === undefined || isDown) return []
    const { at } = reading.last
    const has = heard.own.filter(({ seenAt }) => age(seenAt, at) <= silentFor).map(({ name }) => name)
    return [{ ...peer, reading, has, heard }]
  })
  const needed = neededIn(peers)
  const blind = peers.flatMap((peer) => {
    const lacks = needed.names.filter((name) => !peer.has.includes(name))
    return lacks.length === 0 ? [] : [{ ...peer, lacks }]
  })
  const isEveryone = blind.length === peers.length
  return blind.map(({ store, reading, lacks, has, heard }): Finding => {
    const { host } = store
    const last = heard.own.filter(({ name }) => lacks.includes(name))
    return {
      code: 'ALLOCATION_BLIND',
      severity: isEveryone ? 'critical' : 'warning',
      subject: `${host.name}/${store.name}/peer`,
      place: placeOfStore(store, 'peer'),
      summary: `The Cluster peer of store ${store.name} on ${host.name} does not announce ${lacks.join(', ')}, so Cluster places no pins on it${isEveryone ? ', nor on any other peer' : ''}.`,
      evidence: [
        ...evidenceFrom(reading, host.now, {
          announces: has.join(', '),
          lacks: lacks.join(', '),
          ...Object.fromEntries(
            last.map(({ name, seenAt }) => [`last ${name}`, `${durationText(age(seenAt, host.now))} ago`]),
          ),
        }),
        needed.evidence,
      ],
      endangers: isEveryone
        ? `No pin can be added to cluster ${cluster}.`
        : `New pins go to other stores; to Cluster, this one counts as no holder of what it has.`,
      remedy: lacks.includes('freespace')
        ? `On ${host.name}, compare RepoSize with StorageMax of this Kubo (\`ipfs repo stat --size-only\`) and raise Datastore.StorageMax; else look at informer.disk in service.json.`
        : `On ${host.name}, compare informer and allocator in service.json of this peer with those of the others, and restart it.`,
    }
  })
}

/** By the settings of any peer; else what any of several peers announces beside its ping. */
function neededIn(peers: readonly (PeerOfCluster & { has: readonly string[] })[]): {
  names: string[]
  evidence: Evidence
} {
  const declared = [...new Set(peers.flatMap(({ settings }) => settings?.allocateBy ?? []))].toSorted()
  if (declared.length > 0) {
    const value = declared.join(', ')
    return { names: declared, evidence: { what: 'allocate_by', value, source: 'service.json' } }
  }
  const announced = [...new Set(peers.flatMap(({ has }) => has))].filter((name) => name !== 'ping').toSorted()
  const value = announced.join(', ')
  return {
    names: announced,
    evidence: { what: 'announced by other peers (allocate_by is not known)', value, source: 'GET /monitor/metrics' },
  }
}
