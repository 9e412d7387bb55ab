import type { AgentClient } from '../adapters/agent/agent-client.ts'
import { noPinIndex } from '../adapters/agent/no-pin-index.ts'
import type { Fleet } from '../domain/fleet.ts'
import { answered, type FleetView } from '../domain/health/view.ts'
import type { Changes } from '../domain/ports/changes.ts'
import { UnknownHost } from '../procedures/errors.ts'
import type { World, WorldHost } from '../procedures/world.ts'

/** The world as procedures see it, over agents: plans from what was last seen, and looks that are taken now. */
export function agentWorld(options: {
  fleet: Fleet
  view: (signal: AbortSignal) => Promise<FleetView>
  agent: (host: string) => AgentClient | undefined
  changes: (host: string) => Changes
}): World {
  const { fleet, view, agent, changes } = options
  const names = fleet.hosts.map(({ name }) => name)
  const known = (name: string): AgentClient => {
    const client = names.includes(name) ? agent(name) : undefined
    if (client === undefined) throw new UnknownHost(name, names)
    return client
  }
  return {
    view,
    host(name): WorldHost {
      const { control } = known(name)
      return {
        name,
        look: control.look,
        changes: changes(name),
      }
    },
    pins: (host, store) => agent(host)?.pins(store) ?? noPinIndex(host),
    async sharedPins(one, other, signal) {
      const seen = await view(signal)
      const [first, second] = [one, other].map((store) => placeOf(seen, store))
      if (first === undefined || second === undefined) return undefined
      if (first.cluster !== second.cluster) return 0
      try {
        let shared = 0
        for await (const { holders, pins } of known(first.host).pins(first.store).groups(signal)) {
          if (holders === 'everywhere' || (holders.includes(first.peer) && holders.includes(second.peer)))
            shared += pins
        }
        return shared
      } catch {
        // Nobody keeps an index there, or it cannot be read now: then it is not known, which is an answer too.
        signal.throwIfAborted()
        return undefined
      }
    },
  }
}

interface StorePlace {
  host: string
  store: string
  cluster: string
  /** The ID of its Cluster peer. */
  peer: string
}

/** Undefined for a store whose peer has not been seen, nor is declared. */
function placeOf(view: FleetView, name: string): StorePlace | undefined {
  const [host = '', store = ''] = name.split('/')
  const declaration = view.hosts
    .find((each) => each.declaration.name === host)
    ?.declaration.stores.find((each) => each.name === store)
  const observation = answered(view).find((each) => each.name === host)?.observation
  const seen = observation?.storeObservations.find((each) => each.name === store)?.peer?.last?.value.id
  const cluster = declaration?.cluster ?? observation?.stores.find((each) => each.name === store)?.cluster
  const peer = seen ?? declaration?.peer
  return cluster === undefined || peer === undefined ? undefined : { host, store, cluster, peer }
}
