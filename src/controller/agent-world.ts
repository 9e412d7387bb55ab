import type { AgentClient } from '../adapters/agent/agent-client.ts'
import { noPinIndex } from '../adapters/agent/no-pin-index.ts'
import type { Fleet } from '../domain/fleet.ts'
import type { FleetView } from '../domain/health/view.ts'
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
    placement: async ({ host, store }, question, signal) => known(host).placement(store, question, signal),
  }
}
