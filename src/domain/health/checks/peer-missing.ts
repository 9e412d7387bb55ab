import type { Cluster } from '../../fleet.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Evidence, Finding, Place } from '../finding.ts'
import { isStale } from '../staleness.ts'
import { storesOf } from '../stores-of-host.ts'
import { answered, type FleetView } from '../view.ts'

/** How many of the peers that were asked a finding names. */
const maxWitnesses = 5

export const peerMissing: Check = {
  code: 'PEER_MISSING',
  title: 'A declared Cluster peer is seen by no other',
  severities: ['critical', 'unknown'],
  explanation: {
    meaning:
      'The fleet file gives the ID of a peer, of a store or under clusters[].peers, that no other answering peer of its cluster sees. With CRDT a dead peer vanishes from the list of peers instead of showing an error, so the declared ones are compared. One that answers us and that no other sees is cut off: another cluster secret, or no network between the peers. Unknown when no peer of the cluster could be asked.',
    endangers: 'The copies that the peer holds cannot be reached; they still count as allocated.',
    remedy:
      'Look at its host and its unit. Do not remove the peer from the cluster while it may come back: that moves its pins.',
    settings: ['hosts[].stores[].peer', 'clusters[].peers'],
    sources: [
      'in CRDT a down peer disappears from `/peers` and from the lists of pins (measured on ipfs-cluster 1.1.6)',
    ],
  },
  find: (view) => view.fleet.clusters.flatMap((cluster) => judge(cluster, view)),
}

function judge(cluster: Cluster, view: FleetView): Finding[] {
  const expected = expectedIn(cluster, view)
  if (expected.length === 0) return []
  const witnesses = witnessesOf(cluster.name, view)
  if (witnesses.length === 0) {
    return [
      {
        code: 'PEER_MISSING',
        severity: 'unknown',
        subject: cluster.name,
        place: { kind: 'cluster', cluster: cluster.name },
        summary: `No peer of cluster ${cluster.name} could be asked which peers it sees.`,
        evidence: expected.map(({ called, id }) => declared(`peer of ${called}`, id, 'fleet file')),
        endangers: `Peers of ${cluster.name} may be gone, and with them copies of pins.`,
        remedy: 'Bring back one peer, or the agent of its host: the findings on them say what is wrong.',
      },
    ]
  }
  const answering = new Set(witnesses.map(({ id }) => id))
  const seenByOthers = new Set(witnesses.flatMap(({ id, sees }) => sees.filter((other) => other !== id)))
  return expected.flatMap(({ called, id, subject, place }): Finding[] => {
    if (seenByOthers.has(id)) return []
    const answers = answering.has(id)
    const others = witnesses.filter((witness) => witness.id !== id)
    // The last peer that answers is there, whoever else is not.
    if (answers && others.length === 0) return []
    return [
      {
        code: 'PEER_MISSING',
        severity: 'critical',
        subject,
        place,
        summary: answers
          ? `The Cluster peer of ${called} is cut off: it answers, but no other peer of cluster ${cluster.name} sees it.`
          : `The Cluster peer of ${called} is seen by no other peer of cluster ${cluster.name}, and does not answer itself.`,
        evidence: [
          declared('peer ID', id, 'fleet file'),
          { what: 'other peers asked', value: others.length, source: 'GET /id' },
          ...others.slice(0, maxWitnesses).flatMap(({ evidence }) => evidence),
        ],
        endangers: answers
          ? 'It learns of no new pins and no removals, and its copies do not count for the others: the cluster is in two parts.'
          : 'The copies that it holds cannot be reached; pins that rely on it have fewer copies than promised.',
        remedy: answers
          ? 'Compare the cluster secret in its service.json with that of another peer, and check the network between the peers (port 9096).'
          : 'Look at its host and at the unit of the peer there; check the network between the peers (port 9096). Do not remove it from the cluster while it may come back.',
      },
    ]
  })
}

interface Expected {
  id: string
  /** For sentences: `store hot on n1`, `archive-3`. */
  called: string
  subject: string
  place: Place
}

function expectedIn(cluster: Cluster, { fleet }: FleetView): Expected[] {
  const stores = fleet.hosts.flatMap(({ name: host, stores: all }) =>
    all.flatMap(({ name, peer, cluster: member }) =>
      peer === undefined || member !== cluster.name
        ? []
        : [
            {
              id: peer,
              called: `store ${name} on ${host}`,
              subject: `${host}/${name}/peer`,
              place: { kind: 'peer' as const, host, store: name, cluster: member },
            },
          ],
    ),
  )
  const others = cluster.peers.map(({ id, name = id }) => ({
    id,
    called: name,
    subject: `${cluster.name}/peer/${name}`,
    place: { kind: 'peer' as const, cluster: cluster.name },
  }))
  return [...stores, ...others]
}

interface Witness {
  id: string
  sees: readonly string[]
  evidence: Evidence[]
}

/** The peers that answer now, with the IDs they see; an old answer is no witness. */
function witnessesOf(cluster: string, view: FleetView): Witness[] {
  return answered(view).flatMap((host) =>
    storesOf(host).flatMap((store) => {
      const reading = store.observed?.peer
      if (store.cluster !== cluster || reading === undefined || reading === null || reading.last === null) return []
      if (reading.trouble !== null || isStale(reading, host.now)) return []
      const { id, sees } = reading.last.value
      return [
        {
          id,
          sees,
          evidence: evidenceFrom(reading, host.now, {
            [`peers seen by ${host.name}/${store.name}`]: sees.length,
          }),
        },
      ]
    }),
  )
}
