import type { ClusterSettings, Endpoint, KuboProcess } from '../daemons.ts'

/** What we ask of the host about the daemons of one store, beside their APIs. Reads only. */
export interface Daemons {
  /**
   * The configuration that the Cluster peer was started with, as far as it can be told. Undefined where agent.yaml names no
   * folder. Rejects with NotPermitted where nobody may read it.
   */
  clusterSettings: ((signal?: AbortSignal) => Promise<ClusterSettings>) | undefined
  kuboProcess(signal?: AbortSignal): Promise<KuboProcess>
  /** Services of the store that listen beyond loopback. Asks addresses of this host only. */
  exposure(signal?: AbortSignal): Promise<Endpoint[]>
}
