/** Cluster's `pin_timeout`: how long a pin may make no progress before it is an error. Two minutes by default; short here, so that tests need not wait. */
export const pinTimeoutMs = 10_000
/** Cluster's `monitor_ping_interval`: 15 s by default. */
export const pingIntervalMs = 2000

/** TCP ports of one native peer, all on 127.0.0.1. */
export interface PeerPorts {
  readonly kuboApi: number
  readonly kuboGateway: number
  readonly kuboSwarm: number
  readonly rest: number
  readonly proxy: number
  readonly pinService: number
  readonly clusterSwarm: number
}

/** The first port of the lab, below the range that Linux hands out by itself. TIERCEL_LAB_PORT overrides it. */
export const defaultBasePort = 26_400

/** Guests take the first ten ports of the lab; each peer has ten after them. */
export function peerPorts(basePort: number, index: number): PeerPorts {
  const first = basePort + 10 * (index + 1)
  return {
    kuboApi: first,
    kuboGateway: first + 1,
    kuboSwarm: first + 2,
    rest: first + 3,
    proxy: first + 4,
    pinService: first + 5,
    clusterSwarm: first + 6,
  }
}

/** What Kubo must be told in each run: where it lives, and to report to nobody. */
export function kuboEnvironment(folder: string): Record<string, string> {
  return { IPFS_PATH: folder, IPFS_TELEMETRY: 'off', DO_NOT_TRACK: '1' }
}

/**
 * Configuration of Kubo: that of `ipfs init --profile=test` (no AutoConf, bootstrap, mDNS, AutoTLS, port mapping), with fixed addresses
 * in place of its random ones, and the other Kubos of the lab as neighbours.
 */
export function kuboConfig(
  before: Readonly<Record<string, unknown>>,
  ports: Pick<PeerPorts, 'kuboApi' | 'kuboGateway' | 'kuboSwarm'>,
  neighbours: readonly { readonly ID: string; readonly Addrs: readonly string[] }[],
): Record<string, unknown> {
  return {
    ...before,
    Bootstrap: [],
    Peering: { Peers: neighbours },
    Addresses: {
      API: `/ip4/127.0.0.1/tcp/${ports.kuboApi}`,
      Gateway: `/ip4/127.0.0.1/tcp/${ports.kuboGateway}`,
      Swarm: [`/ip4/127.0.0.1/tcp/${ports.kuboSwarm}`],
      Announce: [],
      AppendAnnounce: [],
      NoAnnounce: [],
    },
  }
}

export interface ClusterSettings {
  readonly secret: string
  readonly name: string
  readonly folder: string
  readonly ports: Pick<PeerPorts, 'kuboApi' | 'rest' | 'proxy' | 'pinService' | 'clusterSwarm'>
  readonly socket: string | undefined
  /** Multiaddresses of the other peers, with their IDs. */
  readonly others: readonly string[]
  /** IDs of the peers whose changes it takes; any, where none is named. */
  readonly trusted?: readonly string[]
}

/** Configuration of IPFS Cluster, all of it by environment: it overrides service.json. */
export function clusterEnvironment(settings: ClusterSettings): Record<string, string> {
  const { ports } = settings
  return {
    IPFS_CLUSTER_PATH: settings.folder,
    DO_NOT_TRACK: '1',
    CLUSTER_SECRET: settings.secret,
    CLUSTER_PEERNAME: settings.name,
    CLUSTER_LISTENMULTIADDRESS: at(ports.clusterSwarm),
    CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS: [
      at(ports.rest),
      ...(settings.socket === undefined ? [] : [`/unix${settings.socket}`]),
    ].join(','),
    CLUSTER_IPFSPROXY_LISTENMULTIADDRESS: at(ports.proxy),
    CLUSTER_IPFSPROXY_NODEMULTIADDRESS: at(ports.kuboApi),
    CLUSTER_PINSVCAPI_HTTPLISTENMULTIADDRESS: at(ports.pinService),
    CLUSTER_IPFSHTTP_NODEMULTIADDRESS: at(ports.kuboApi),
    CLUSTER_IPFSHTTP_PINTIMEOUT: `${pinTimeoutMs / 1000}s`,
    CLUSTER_MONITORPINGINTERVAL: `${pingIntervalMs / 1000}s`,
    CLUSTER_MDNSINTERVAL: '0s',
    CLUSTER_CRDT_TRUSTEDPEERS: settings.trusted?.join(',') ?? '*',
    CLUSTER_REPLICATIONFACTORMIN: '1',
    CLUSTER_REPLICATIONFACTORMAX: '2',
    ...(settings.others.length === 0 ? {} : { CLUSTER_PEERADDRESSES: settings.others.join(',') }),
  }
}

function at(port: number): string {
  return `/ip4/127.0.0.1/tcp/${port}`
}
