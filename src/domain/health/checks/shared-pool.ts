import type { Check } from '../check.ts'
import { declared } from '../evidence.ts'

export const sharedPool: Check = {
  code: 'SHARED_POOL',
  title: 'Two stores of one cluster lie on one pool',
  severities: ['warning'],
  explanation: {
    meaning:
      'The fleet file puts two stores of the same cluster on one pool of a host. IPFS Cluster may place two copies of a pin there, and they are one: the pool is lost as a whole.',
    endangers: 'Copies that are none: what Cluster counts as two is lost together.',
    remedy:
      'Give each store its own pool, or let one peer stand for that pool. Until then Tiercel counts copies on one host as one.',
    settings: ['hosts[].stores[].pool'],
    sources: ['zpoolconcepts(7): the loss of a top-level vdev is the loss of the pool'],
  },
  find: ({ fleet }) =>
    fleet.hosts.flatMap(({ name: host, stores }) => {
      const shared = new Map<string, string[]>()
      for (const { name, pool, cluster } of stores) {
        if (pool === undefined) continue
        const key = JSON.stringify([cluster, pool])
        shared.set(key, [...(shared.get(key) ?? []), name])
      }
      return stores.flatMap(({ name, pool, cluster }) => {
        const all = pool === undefined ? [] : (shared.get(JSON.stringify([cluster, pool])) ?? [])
        if (pool === undefined || all.length < 2 || all[0] !== name) return []
        return [
          {
            code: 'SHARED_POOL',
            severity: 'warning' as const,
            subject: `${host}/${pool}/${cluster}`,
            place: { kind: 'pool' as const, host, store: name, cluster },
            summary: `${all.length} stores of cluster ${cluster} lie on pool ${pool} of ${host}: their copies are lost together.`,
            evidence: all.map((store) => declared(`pool of store ${store}`, pool, 'fleet file')),
            endangers: `Pins held by ${all.join(' and ')} have one copy there, not ${all.length}.`,
            remedy: `Move all but one of ${all.join(', ')} to a pool of its own, or take it out of cluster ${cluster} after its pins have been moved.`,
          },
        ]
      })
    }),
}
