import { Name } from '../fleet.ts'
import type { HostDiscovery } from './discovery.ts'
import { slug, type StoreDraft, storesOn, unused } from './stores.ts'

/** A host that was looked at, and how it is reached from here. */
export interface Looked {
  /** `local` or `ssh://…`. */
  address: string
  discovery: HostDiscovery
}

export interface HostDraft extends Looked {
  name: string
  stores: (StoreDraft & { cluster: string })[]
}

export interface ClusterDraft {
  name: string
  consensus: 'crdt' | 'raft' | undefined
  /** IDs of peers that its peers see, and that are no store of ours. */
  others: string[]
}

/** What will be written. */
export interface InitPlan {
  hosts: HostDraft[]
  clusters: ClusterDraft[]
}

/** Something that cannot be seen. */
export interface Question {
  key: string
  /** A sentence without its question mark. */
  text: string
  /** What is taken where nobody answers. */
  fallback: string
}

/** Everything that can be seen, with fallbacks for what cannot. */
export function planInit(looked: readonly Looked[]): InitPlan {
  const hostNames = new Set<string>()
  const owners = new Map<string, string>()
  const hosts = looked.map(({ address, discovery }) => {
    const name = unused(slug(discovery.host) ?? 'host', hostNames)
    hostNames.add(name)
    return {
      address,
      discovery,
      name,
      stores: storesOn(discovery).map((store) => ownPeer(store, `${name}/${store.name}`, owners)),
    }
  })
  const groups = clustersOf(hosts.flatMap(({ stores }) => stores))
  const clusters = groups.map((members, index): ClusterDraft => {
    const ours = new Set(members.map(({ peer }) => peer?.id))
    const others = new Set(members.flatMap(({ peer }) => peer?.sees ?? []).filter((id) => !ours.has(id)))
    return {
      name: index === 0 ? 'main' : `cluster-${index + 1}`,
      consensus: members.find(({ peer }) => peer?.consensus !== undefined)?.peer?.consensus,
      others: [...others].toSorted(),
    }
  })
  const hasStores = hosts.some(({ stores }) => stores.length > 0)
  const named: ClusterDraft[] =
    clusters.length === 0 && hasStores ? [{ name: 'main', consensus: undefined, others: [] }] : clusters
  const clusterOf = (store: StoreDraft): string => {
    const index = groups.findIndex((members) => members.includes(store))
    return named[Math.max(0, index)]?.name ?? 'main'
  }
  return {
    clusters: named,
    hosts: hosts.map(({ stores, ...host }) => ({
      ...host,
      stores: stores.map((store) => ({ ...store, cluster: clusterOf(store) })),
    })),
  }
}

/** Two peers that call themselves the same are a fault that a file cannot declare: the second is told in a comment. */
function ownPeer(store: StoreDraft, called: string, owners: Map<string, string>): StoreDraft {
  const { peer, notes } = store
  if (peer?.id === undefined) return store
  const owner = owners.get(peer.id)
  if (owner === undefined) {
    owners.set(peer.id, called)
    return store
  }
  const { id, ...rest } = peer
  return { ...store, peer: rest, notes: [...notes, `Its Cluster peer has the same ID as that of ${owner}: ${id}.`] }
}

/**
 * Stores whose peers see each other belong to one cluster; the largest comes first. A peer that says nothing (it wants
 * credentials, and its identity may not be read) is taken into the first one, and Kubos without a peer go there too.
 */
function clustersOf(stores: readonly StoreDraft[]): StoreDraft[][] {
  const groups: StoreDraft[][] = []
  const withPeer = stores.filter(({ peer }) => peer !== undefined)
  for (const store of withPeer) {
    const id = store.peer?.id
    if (id === undefined) continue
    const touching = groups.filter((members) =>
      members.some(
        ({ peer }) =>
          peer?.sees.includes(id) === true || (peer?.id !== undefined && store.peer?.sees.includes(peer.id) === true),
      ),
    )
    for (const group of touching) groups.splice(groups.indexOf(group), 1)
    groups.push([...touching.flat(), store])
  }
  const sorted = groups.toSorted((a, b) => b.length - a.length)
  const silent = withPeer.filter(({ peer }) => peer?.id === undefined)
  if (silent.length === 0) return sorted
  const [first = [], ...rest] = sorted
  return [[...first, ...silent], ...rest]
}

/** What somebody has to say. */
export function questionsOf({ hosts, clusters }: InitPlan): Question[] {
  const hasSeveral = clusters.length > 1
  return [
    ...clusters.map(({ name }, index) => {
      const member = hosts.flatMap((host) =>
        host.stores.flatMap((store) => (store.cluster === name ? [`${host.name}/${store.name}`] : [])),
      )
      const which = hasSeveral ? ` of ${member.slice(0, 3).join(', ')}` : ''
      return { key: `cluster ${index}`, text: `What is the cluster${which} called`, fallback: name }
    }),
    ...hosts.flatMap(({ name, stores }, host) =>
      stores.flatMap((store, index) =>
        store.isTierSeen
          ? []
          : [
              {
                key: `tier ${host} ${index}`,
                text: `Which tier is store ${name}/${store.name} (${store.dataset ?? store.kubo?.folder ?? 'not on ZFS'})`,
                fallback: store.tier,
              },
            ],
      ),
    ),
  ]
}

/** Whether an answer can stand in the files. */
export const isAnswer = (text: string): boolean => Name.safeParse(text).success

/** The plan with what has been answered, by the keys of the questions. */
export function answeredPlan({ hosts, clusters }: InitPlan, answers: ReadonlyMap<string, string>): InitPlan {
  const renamed = new Map(clusters.map(({ name }, index) => [name, answers.get(`cluster ${index}`) ?? name]))
  return {
    clusters: clusters.map((cluster) => ({ ...cluster, name: renamed.get(cluster.name) ?? cluster.name })),
    hosts: hosts.map((host, h) => ({
      ...host,
      stores: host.stores.map((store, s) => ({
        ...store,
        cluster: renamed.get(store.cluster) ?? store.cluster,
        tier: answers.get(`tier ${h} ${s}`) ?? store.tier,
      })),
    })),
  }
}
