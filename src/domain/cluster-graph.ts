import { presentOf, storesOf } from './health/stores-of-host.ts'
import { answered, type FleetView } from './health/view.ts'

/** One peer of a cluster, with whom it sees. */
export interface PeerNode {
  /** `n1/hot`; the name, or the ID, of a peer that is declared without a store. */
  name: string
  /** null where neither the fleet file nor the peer tells. */
  id: string | null
  /** The Kubo behind it; null where that is not known. */
  kubo: string | null
  /** The names of the declared peers that it sees, itself included; null where it could not be asked. */
  sees: string[] | null
  /** The names of the declared peers that it does not see. */
  missing: string[]
  /** IDs that it sees and that nobody has declared. */
  strangers: string[]
  /** Whom it trusts to change the pinset; null where its settings are not known. */
  trusts: 'everybody' | string[] | null
}

export interface ClusterGraph {
  cluster: string
  peers: PeerNode[]
}

/**
 * Who sees whom, from what each peer says of itself. The graph that Cluster offers (`GET /health/graph`) asks every peer
 * and every Kubo anew for each caller, and leaves out whoever is silent: ours costs nothing and shows the gap.
 */
export function clusterGraphs(view: FleetView): ClusterGraph[] {
  return view.fleet.clusters.flatMap(({ name: cluster, peers: others }): ClusterGraph[] => {
    const known = [
      ...peersOnHosts(cluster, view),
      ...others.map(({ id, name = id }) => {
        return { name, id, kubo: null, sees: null, trusts: null }
      }),
    ]
    const nameOf = new Map(known.flatMap(({ id, name }) => (id === null ? [] : [[id, name] as const])))
    const names = known.map(({ name }) => name)
    const peers = known.map((peer): PeerNode => {
      const { sees } = peer
      const seen = sees === null ? null : sees.flatMap((id) => nameOf.get(id) ?? [])
      return {
        ...peer,
        sees: seen,
        missing: seen === null ? [] : names.filter((name) => name !== peer.name && !seen.includes(name)),
        strangers: (sees ?? []).filter((id) => !nameOf.has(id)),
      }
    })
    return peers.length === 0 ? [] : [{ cluster, peers }]
  })
}

/** The peers of stores: those of hosts that answer, and those that the fleet file alone tells of. */
function peersOnHosts(cluster: string, view: FleetView): Omit<PeerNode, 'missing' | 'strangers'>[] {
  const hosts = answered(view)
  return view.hosts.flatMap(({ declaration }) => {
    const host = hosts.find(({ name }) => name === declaration.name)
    if (host === undefined) {
      return declaration.stores
        .filter((store) => store.cluster === cluster)
        .map(({ name, peer }) => {
          return { name: `${declaration.name}/${name}`, id: peer ?? null, kubo: null, sees: null, trusts: null }
        })
    }
    return storesOf(host).flatMap((store) => {
      if (store.cluster !== cluster) return []
      const peer = presentOf(store.observed?.peer, host)
      const settings = presentOf(store.observed?.clusterSettings, host)
      const kubo = peer?.kubo.id ?? ''
      if (peer === undefined && store.declared?.peer === undefined && (store.observed?.peer ?? null) === null) return []
      return [
        {
          name: `${host.name}/${store.name}`,
          id: peer?.id ?? store.declared?.peer ?? null,
          kubo: kubo === '' ? null : kubo,
          sees: peer?.sees ?? null,
          trusts:
            settings === undefined ? null : settings.trustedPeers.includes('*') ? 'everybody' : settings.trustedPeers,
        },
      ]
    })
  })
}
