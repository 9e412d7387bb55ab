import { Unreachable } from '../domain/errors.ts'
import { Fleet } from '../domain/fleet.ts'
import type { Contact, FleetView } from '../domain/health/view.ts'
import { milliseconds } from '../domain/units.ts'
import type { Observer } from '../observe/observer.ts'
import { hostOf, worldNow } from './lookup.ts'
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

/** The fleet as its hosts tell it at this moment. */
export async function simView(world: World, contact: (host: string) => Promise<Contact>): Promise<FleetView> {
  const fleet = simFleet(world)
  const hosts = await Promise.all(
    fleet.hosts.map(async (declaration) => ({ declaration, contact: await contact(declaration.name) })),
  )
  return { at: worldNow(world), fleet, hosts }
}

/** What the agent of a host tells of what its observer has seen; nothing while it is down. */
export function contactWith(world: World, host: string, observer: Observer | undefined): Contact {
  const at = worldNow(world)
  if (observer === undefined || hostOf(world, host).agent === 'down') {
    return { state: 'unreachable', error: nobodyAt(host), at }
  }
  return { state: 'answered', observation: observer.observation(), receivedAt: at, took: milliseconds(1) }
}

/** Throws {@link Unreachable} while the agent of a host is down. */
export function reachAgent(world: World, host: string): void {
  if (hostOf(world, host).agent === 'down') throw new Unreachable(nobodyAt(host))
}

const nobodyAt = (host: string): string => `nobody answers at ${host}`
