import type { ClusterSettings } from '../daemons.ts'
import type { Reading } from '../observation.ts'
import { presentOf, type StoreOnHost, storesOf } from './stores-of-host.ts'
import { answered, type FleetView } from './view.ts'

/** A store of a cluster whose peer is looked at, with its settings where they are known. */
export interface PeerOfCluster {
  /** `n1/hot` */
  name: string
  store: StoreOnHost
  settings: ClusterSettings | undefined
  settingsReading: Reading<unknown> | null
}

/** The stores of one cluster, on hosts that have answered, that have a peer to ask. */
export function peersOf(cluster: string, view: FleetView): PeerOfCluster[] {
  return answered(view).flatMap((host) =>
    storesOf(host).flatMap((store): PeerOfCluster[] => {
      const { peer = null, clusterSettings = null } = store.observed ?? {}
      if (store.cluster !== cluster || (peer === null && clusterSettings === null)) return []
      return [
        {
          name: `${host.name}/${store.name}`,
          store,
          settings: presentOf(clusterSettings, host),
          settingsReading: clusterSettings,
        },
      ]
    }),
  )
}

/** How many peers a finding names; the rest is counted. */
export const maxPeersNamed = 5

/** `n1/hot, n2/hot and 7 more`: for sentences. */
export function namesOfPeers(some: readonly { name: string }[]): string {
  const named = some.slice(0, maxPeersNamed).map(({ name }) => name)
  const rest = some.length - named.length
  return rest > 0 ? `${named.join(', ')} and ${rest} more` : named.join(', ')
}
