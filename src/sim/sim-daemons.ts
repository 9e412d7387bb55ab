import type { Daemons } from '../domain/ports/daemons.ts'
import { NotPermitted, Stuck } from '../domain/errors.ts'
import { looked } from './looked.ts'
import { membersOf, poolOf } from './lookup.ts'
import { canReadPinset } from './pin-view.ts'
import type { SimHostState, SimStore, World } from './world.ts'

/** The daemons of one simulated store, as its host sees them. */
export function simDaemons(world: World, host: SimHostState, store: SimStore): Daemons {
  return {
    clusterSettings: looked(() => {
      if (!host.executor) {
        throw new NotPermitted(
          `service.json of ${host.name}/${store.name} may be read by its owner and root only`,
          'start the executor on this host: systemctl start tiercel-executor.socket',
        )
      }
      if (!canReadPinset(host, store)) throw new Stuck(`reading from ${poolOf(host, store.pool).name} does not end`)
      const { disableRepinning, trustsAll } = store.peer.settings
      return {
        consensus: 'crdt',
        disableRepinning,
        trustedPeers: trustsAll ? ['*'] : membersOf(world, store.cluster).map((member) => member.store.peer.declaredId),
        allocateBy: ['tag:tier', 'freespace'],
        listens: {
          restApi: [`/ip4/127.0.0.1/tcp/${store.peer.port}`],
          ipfsProxy: [`/ip4/127.0.0.1/tcp/${store.peer.port + 1}`],
          pinningApi: [`/ip4/127.0.0.1/tcp/${store.peer.port + 3}`],
        },
        fromEnvironment: [],
        mayBeOverridden: false,
      }
    }),
    kuboProcess: looked(() =>
      store.kubo.downSince === null
        ? { enableGc: store.kubo.enableGc, seen: `command line of ipfs@${store.name}.service` }
        : { enableGc: null, seen: 'no process of Kubo can be seen on this host' },
    ),
    exposure: looked(() => store.exposed.map((endpoint) => ({ ...endpoint }))),
  }
}
