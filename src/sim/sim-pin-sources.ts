import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import { placementDesks, type PlacementSources } from '../observe/placement.ts'
import { NotInWorld } from './lookup.ts'
import { pinIndexIn } from './ports.ts'
import { reachAgent } from './sim-fleet.ts'
import type { World } from './world.ts'

/** Whom to ask about pins in a simulated world: the index of each store, and what its agent makes of it. */
export function simPinSources(
  world: World,
  ports: ReadonlyMap<string, HostPorts>,
  clock: Pick<Clock, 'now'>,
): PlacementSources {
  const desks = new Map([...ports].map(([name, host]) => [name, placementDesks(host, clock)]))
  return {
    pins: (host, store) => pinIndexIn(ports, host, store),
    async placement({ host, store }, question, signal) {
      reachAgent(world, host)
      const desk = desks.get(host)?.get(store)
      if (desk === undefined) throw new NotInWorld(`no store ${host}/${store}`)
      return desk(question, signal)
    },
  }
}
