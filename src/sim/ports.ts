import type { LocalStore } from '../domain/fleet.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import type { PinIndex } from '../domain/ports/pin-index.ts'
import { NotPermitted } from '../domain/errors.ts'
import { simContent } from './sim-content.ts'
import { simDaemons } from './sim-daemons.ts'
import { simMachine } from './sim-machine.ts'
import { simPinIndex } from './sim-pin-index.ts'
import { simPinning } from './sim-pinning.ts'
import { simStorage } from './sim-storage.ts'
import { hostNow, hostOf, NotInWorld } from './lookup.ts'
import type { SimHostState, SimStore, World } from './world.ts'

/** The ports of one simulated host, in this process. How its agent is must be asked of the world (`host.agent`). */
export function simHost(world: World, name: string): HostPorts {
  const host = hostOf(world, name)
  return {
    name,
    machine: simMachine(world, host),
    storage: host.pools.length === 0 ? undefined : simStorage(world, host),
    privileges: async (signal) => {
      signal?.throwIfAborted()
      if (host.executor) return { by: 'simulator' }
      throw new NotPermitted(
        `nobody with root's rights answers on ${name}: files with errors are counted, but not named`,
        'start the executor on this host: systemctl start tiercel-executor.socket',
      )
    },
    stores: host.stores.map((store) => {
      const pinning = simPinning(world, host, store)
      const content = simContent(world, host, store)
      return {
        // Read anew each time: a fault can change it.
        get declaration() {
          return localStore(host, store)
        },
        pinning,
        content,
        pinIndex: simPinIndex({
          pinning,
          content,
          clock: { now: () => hostNow(world, host) },
        }),
        daemons: simDaemons(world, host, store),
      }
    }),
  }
}

/** The ports of all hosts, by their names. Kept, their pin indexes are made once, and grow old as those of an agent do. */
export const simHosts = (world: World): ReadonlyMap<string, HostPorts> =>
  new Map(world.hosts.map(({ name }) => [name, simHost(world, name)]))

/** The pin index of one store of these hosts; throws NotInWorld where there is none. */
export function pinIndexIn(hosts: ReadonlyMap<string, HostPorts>, host: string, store: string): PinIndex {
  const found = hosts.get(host)?.stores.find(({ declaration }) => declaration.name === store)?.pinIndex
  if (found === undefined) throw new NotInWorld(`no store ${host}/${store}`)
  return found
}

/** A store as its host's own file has it. */
function localStore(host: SimHostState, store: SimStore): LocalStore {
  return {
    name: store.name,
    tier: store.localTier ?? store.tier,
    cluster: store.cluster,
    pool: store.pool,
    dataset: store.dataset,
    clusterFolder: `/${store.dataset}/cluster`,
    clusterApi: { url: `http://127.0.0.1:${store.peer.port}` },
    kuboApi: { url: `http://127.0.0.1:${store.kubo.port}` },
    units: { cluster: `ipfs-cluster@${store.name}.service`, kubo: `ipfs@${store.name}.service` },
  }
}
