import type { Endpoint, KuboSettings } from '../domain/daemons.ts'
import type { Kubo } from '../domain/kubo.ts'
import type { Content } from '../domain/ports/content.ts'
import { Unreachable } from '../domain/errors.ts'
import { Bytes } from '../domain/units.ts'
import { looked } from './looked.ts'
import { heldBytes, isInKubo, kuboState, leftoversOf } from './pin-view.ts'
import { cidsHeldBy, pinOf, pinsetOf } from './pinset.ts'
import { createRests } from './rests.ts'
import { dataBytes } from './space.ts'
import { poolOf } from './lookup.ts'
import type { SimHostState, SimStore, World } from './world.ts'

/** The Kubo of one simulated store. */
export function simContent(world: World, host: SimHostState, store: SimStore): Content {
  const reach = (signal?: AbortSignal): void => {
    signal?.throwIfAborted()
    const state = kuboState(host, store)
    if (state === 'answers') return
    // Where the real one would keep us waiting, the simulator tells the end of the wait at once.
    const why = state === 'refuses' ? 'connection refused' : 'no answer in time'
    throw new Unreachable(`Kubo ${host.name}/${store.name} at 127.0.0.1:${store.kubo.port}: ${why}`)
  }
  return {
    complete: async (cid, signal) => {
      reach(signal)
      // Content whose pin it does not have is not there; what it has pinned is whole.
      return isKuboPinned(world, store, cid) ? { state: 'complete', blocks: 1 } : { state: 'incomplete', missing: cid }
    },
    self: looked(() => describeKubo(world, host, store), reach),
    settings: looked(() => describeKuboSettings(store), reach),
    async *pins(signal) {
      reach(signal)
      const rest = createRests()
      for (const cid of kuboPins(world, store)) {
        reach(signal)
        yield cid
        const resting = rest()
        if (resting !== undefined) await resting
      }
    },
  }
}

export function describeKubo(world: World, host: SimHostState, store: SimStore): Kubo {
  const { kubo } = store
  return {
    id: kubo.id,
    version: kubo.version,
    addresses: [`/ip4/${host.address}/tcp/${kubo.port - 1000}/p2p/${kubo.id}`],
    repoSize: Bytes.parse(heldBytes(world, store)),
    storageMax: Bytes.parse(kubo.storageMax ?? Math.floor(dataBytes(poolOf(host, store.pool)) * 0.9)),
  }
}

export function describeKuboSettings({ kubo, exposed }: SimStore): KuboSettings {
  const bound = (service: Endpoint['service'], port: number) => {
    const found = exposed.find((endpoint) => endpoint.service === service)
    return [`/ip4/${found?.address ?? '127.0.0.1'}/tcp/${found?.port ?? port}`]
  }
  return {
    api: bound('kubo-rpc', kubo.port),
    gateway: bound('kubo-gateway', kubo.port + 3079),
    provideStrategy: null,
  }
}

/** The CIDs pinned recursively in this Kubo: those of the Cluster that it has, those that it should not have, its own. */
export function* kuboPins(world: World, store: SimStore): Generator<string> {
  const pinset = pinsetOf(world, store)
  const others = new Set<string>()
  for (const cid of [...leftoversOf(world, store).map((left) => left.cid), ...store.kubo.ownPins]) {
    const pin = pinOf(pinset, cid)
    if (pin === undefined || !isInKubo(world, pin, store)) others.add(cid)
  }
  yield* cidsHeldBy(pinset, store.peer.declaredId, (pin) => isInKubo(world, pin, store))
  yield* others
}

/** Whether this Kubo has pinned a CID recursively, without a list. */
export function isKuboPinned(world: World, store: SimStore, cid: string): boolean {
  const pin = pinOf(pinsetOf(world, store), cid)
  return (
    (pin !== undefined && isInKubo(world, pin, store)) ||
    store.kubo.ownPins.includes(cid) ||
    leftoversOf(world, store).some((leftover) => leftover.cid === cid)
  )
}
