import type { Cluster } from '../../fleet.ts'
import { durationText } from '../../text-units.ts'
import { age, type Duration, milliseconds } from '../../units.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Evidence, Finding } from '../finding.ts'
import { presentOf, storesOf } from '../stores-of-host.ts'
import { answered, type FleetView } from '../view.ts'

/** How many groups, and how many peers of each, a finding names. */
const maxNamed = 4

export const peersDisagree: Check = {
  code: 'PEERS_DISAGREE',
  title: 'The peers of a cluster see different peers',
  severities: ['critical', 'warning'],
  explanation: {
    meaning:
      'Peers of one cluster answer, and for some time have not seen the same peers. Critical: no peer of one part sees any of another, so the cluster is split. Warning: some links are missing. A declared peer that nobody else sees is left to PEER_MISSING.',
    endangers:
      'In a split cluster both parts go on and accept changes. When they meet again, the part with the longer history wins, removed pins can come back, and copies can be unpinned by mistake.',
    remedy:
      'Find out which links are missing with `tiercel peers graph`, and mend the network between those hosts (port 9096/tcp, both ways), or the cluster secret. Change no pins meanwhile, and let no garbage collection run until every peer is back and nothing is unexpectedly_unpinned. Never import or clean up state on one part.',
    settings: ['checks.peersDisagree.after'],
    sources: [
      '`GET /id`, cluster_peers (ipfs-cluster 1.1.6); membership is by valid ping, which lasts twice monitor_ping_interval (30 s)',
      'what a split and its end do to pins: measured on 1.1.6, four peers split in halves',
    ],
  },
  find: (view) => view.fleet.clusters.flatMap((cluster) => judge(cluster, view)),
}

interface Witness {
  id: string
  /** `n1/hot` */
  name: string
  sees: ReadonlySet<string>
  sameFor: Duration
  /** Whether PEER_MISSING tells of it when nobody sees it. */
  isDeclared: boolean
  evidence: (group: string) => Evidence[]
}

function judge({ name: cluster }: Cluster, view: FleetView): Finding[] {
  const { after } = view.fleet.checks.peersDisagree
  const all = witnessesOf(cluster, view)
  const cutOff = new Set(all.filter((one) => one.isDeclared && !isSeen(one, all)).map(({ id }) => id))
  const settled = all.filter(({ id, sameFor }) => !cutOff.has(id) && sameFor >= after)
  const groups = grouped(settled, cutOff)
  if (groups.length < 2) return []
  const isSplit = groups.some((group) => groups.every((other) => other === group || areApart(group, other)))
  const since = milliseconds(Math.min(...settled.map(({ sameFor }) => sameFor)))
  const parts = groups.map((group) => `${counted(group.witnesses.length)} ${group.sees.size}`)
  return [
    {
      code: 'PEERS_DISAGREE',
      severity: isSplit ? 'critical' : 'warning',
      subject: cluster,
      place: { kind: 'cluster', cluster },
      summary: isSplit
        ? `Cluster ${cluster} is split: ${parts.join(', ')}, and one part sees none of the rest, for at least ${durationText(since)}.`
        : `The peers of cluster ${cluster} see different peers, for at least ${durationText(since)}: ${parts.join(', ')}.`,
      evidence: [
        ...groups
          .slice(0, maxNamed)
          .flatMap(({ witnesses }, index) =>
            witnesses.slice(0, maxNamed).flatMap(({ evidence }) => evidence(`part ${index + 1}`)),
          ),
        declared('found after', durationText(after), 'fleet file'),
      ],
      endangers: isSplit
        ? 'Both parts accept changes: removed pins can come back, and copies can be unpinned by mistake when the parts meet again.'
        : 'Changes of pins may not reach every peer, and a further lost link can split the cluster.',
      remedy:
        'Run `tiercel peers graph` to see which links are missing; mend the network between those hosts (port 9096, both ways). Until they agree, change no pins and let no garbage collection run. Import or clean up no state.',
    },
  ]
}

const counted = (count: number): string => (count === 1 ? '1 peer sees' : `${count} peers see`)

interface Group {
  witnesses: readonly Witness[]
  sees: ReadonlySet<string>
}

/** Who sees the same, largest group first. */
function grouped(witnesses: readonly Witness[], without: ReadonlySet<string>): Group[] {
  const groups = Map.groupBy(witnesses, ({ sees }) =>
    [...sees]
      .filter((id) => !without.has(id))
      .toSorted()
      .join(),
  )
  return [...groups]
    .map(([ids, some]) => {
      return { witnesses: some, sees: new Set(ids.split(',')) }
    })
    .toSorted((a, b) => b.witnesses.length - a.witnesses.length || b.sees.size - a.sees.size)
}

const areApart = (one: Group, other: Group): boolean => [...one.sees].every((id) => !other.sees.has(id))

const isSeen = (witness: Witness, by: readonly Witness[]): boolean =>
  by.some((other) => other !== witness && other.id !== witness.id && other.sees.has(witness.id))

/** The peers that answer now; an old answer is no witness. */
function witnessesOf(cluster: string, view: FleetView): Witness[] {
  return answered(view).flatMap((host) =>
    storesOf(host).flatMap((store): Witness[] => {
      const reading = store.observed?.peer ?? null
      const peer = presentOf(reading, host)
      if (store.cluster !== cluster || reading === null || peer === undefined) return []
      const name = `${host.name}/${store.name}`
      return [
        {
          id: peer.id,
          name,
          // By its own word a peer sees itself; one that does not say so sees itself all the same.
          sees: new Set([peer.id, ...peer.sees]),
          sameFor: age(peer.seesSince, host.now),
          isDeclared: store.declared?.peer === peer.id,
          evidence: (group) =>
            evidenceFrom(reading, host.now, { [`${group}: peers seen by ${name}`]: peer.sees.length }),
        },
      ]
    }),
  )
}
