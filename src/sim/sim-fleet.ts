import { Fleet } from '../domain/fleet.ts'
import type { World } from './world.ts'

/** The fleet file that describes the simulated fleet as it should be, with the expected peer IDs. */
export function simFleet(world: World): Fleet {
  const tiers = new Set(world.hosts.flatMap((host) => host.stores.map(({ tier }) => tier)))
  return Fleet.parse({
    apiVersion: 1,
    // Debian's own scrub, second Sunday of the month, is meant to stay.
    checks: { foreignScheduler: { accept: ['zfsutils-linux'] } },
    clusters: world.clusters.map(({ name }) => ({ name })),
    tiers: [...tiers].map((name) => ({ name })),
    hosts: world.hosts.map((host) => ({
      name: host.name,
      address: 'local',
      stores: host.stores.map(({ name, tier, cluster, pool, dataset, peer }) => ({
        name,
        tier,
        cluster,
        pool,
        dataset,
        peer: peer.declaredId,
      })),
    })),
  })
}
