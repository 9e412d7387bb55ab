import { milliseconds, minutes } from '../../domain/units.ts'
import { newPeerId } from '../identifiers.ts'
import { membersOf, pingValidMs, storeAt } from '../lookup.ts'
import { type NewFault, set } from './fault.ts'

/** One daemon is gone, is another one, or is set up wrongly. */
export const daemonFaults: readonly NewFault[] = [
  {
    name: 'cluster-killed',
    title: 'The Cluster peer of n3/warm has been killed; when its last ping has expired, no other peer sees it',
    expects: [
      { code: 'CLUSTER_UNREACHABLE', subject: 'n3/warm/peer' },
      { code: 'PEER_MISSING', subject: 'n3/warm/peer' },
    ],
    settlesAfter: milliseconds(pingValidMs),
    apply: (world) => set(storeAt(world, 'n3/warm').peer, { downSince: world.now }),
  },
  {
    name: 'peer-missing',
    title: 'The Cluster peer of n2/hot runs with another cluster secret: it answers us, but no other peer sees it',
    expects: [{ code: 'PEER_MISSING', subject: 'n2/hot/peer' }],
    settlesAfter: milliseconds(pingValidMs),
    apply: (world) => set(storeAt(world, 'n2/hot').peer, { cutOffSince: world.now }),
  },
  {
    name: 'peer-identity-lost',
    title: 'The Cluster peer of n1/cold has come up with a new identity: to the Cluster it is another peer',
    expects: [
      { code: 'PEER_MISSING', subject: 'n1/cold/peer' },
      { code: 'DECLARATION_MISMATCH', subject: 'n1/cold/peer' },
    ],
    // A stream of its own: a fault that is mended leaves no trace, not even in the world's random numbers.
    apply: (world) => set(storeAt(world, 'n1/cold').peer, { id: newPeerId({ random: world.seed ^ 0x1d_1d_1d }) }),
  },
  {
    name: 'kubo-killed',
    title: 'The Kubo of n1/warm has been killed; its Cluster peer goes on to ping',
    expects: [
      { code: 'KUBO_UNREACHABLE', subject: 'n1/warm/kubo' },
      { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
    ],
    apply: (world) => set(storeAt(world, 'n1/warm').kubo, { downSince: world.now }),
  },
  {
    name: 'kubo-mismatch',
    title: 'The Cluster peer of n2/warm has the address of another Kubo than that of its store',
    expects: [{ code: 'KUBO_PEER_MISMATCH', subject: 'n2/warm/peer' }],
    apply: (world) =>
      set(storeAt(world, 'n2/warm').peer, { foreignKubo: newPeerId({ random: world.seed ^ 0x2e_2e_2e }) }),
  },
  {
    name: 'kubo-shared',
    title: 'The Cluster peer of n1/cold pins into the Kubo of n1/warm',
    expects: [
      { code: 'KUBO_PEER_MISMATCH', subject: 'n1/cold/peer' },
      { code: 'SHARED_KUBO', subject: 'n1/warm/peer' },
    ],
    apply: (world) => set(storeAt(world, 'n1/cold').peer, { foreignKubo: storeAt(world, 'n1/warm').kubo.id }),
  },
  {
    name: 'storage-max-default',
    title: 'The Kubo of n3/cold has the StorageMax that Kubo is installed with: 10 GB',
    expects: [{ code: 'STORAGE_MAX_MISLEADING', subject: 'n3/cold/kubo' }],
    apply: (world) => set(storeAt(world, 'n3/cold').kubo, { storageMax: 10_000_000_000 }),
  },
  {
    name: 'version-skew',
    title: 'The update of IPFS Cluster has passed over n2/cold: it runs 1.1.5',
    expects: [{ code: 'VERSION_SKEW', subject: 'main' }],
    apply: (world) => set(storeAt(world, 'n2/cold').peer, { version: '1.1.5' }),
  },
  {
    name: 'allocation-blind',
    title: 'The peer of n2/cold has lost its tag: by tag:tier, nobody finds it when holders are chosen',
    expects: [{ code: 'ALLOCATION_BLIND', subject: 'n2/cold/peer' }],
    settlesAfter: minutes(2),
    apply: (world) => set(storeAt(world, 'n2/cold').peer, { silentMetrics: ['tag:tier'] }),
  },
  {
    name: 'auto-gc',
    title: 'The Kubo of n1/hot was started with --enable-gc',
    expects: [
      { code: 'AUTO_GC_ENABLED', subject: 'n1/hot/kubo' },
      { code: 'KNOWN_BUG', subject: 'n1/hot/kubo/gc-shutdown' },
    ],
    apply: (world) => set(storeAt(world, 'n1/hot').kubo, { enableGc: true }),
  },
  {
    name: 'repin-enabled',
    title: 'The peer of n3/warm copies the pins of any peer that falls silent for half a minute',
    expects: [{ code: 'REPIN_ENABLED', subject: 'main' }],
    apply: (world) => set(storeAt(world, 'n3/warm').peer.settings, { disableRepinning: false }),
  },
  {
    name: 'default-trust',
    title: 'The peers of cluster main trust everybody who has the cluster secret, as they are installed',
    expects: [{ code: 'DEFAULT_TRUST', subject: 'main' }],
    apply: (world) => {
      for (const { store } of membersOf(world, 'main')) store.peer.settings.trustsAll = true
    },
  },
  {
    name: 'api-exposed',
    title: 'The RPC API of the Kubo of n2/hot listens on every address, and asks nobody who he is',
    expects: [{ code: 'API_EXPOSED', subject: 'n2/hot/kubo-rpc' }],
    apply: (world) => {
      const { exposed, kubo } = storeAt(world, 'n2/hot')
      exposed.push({ service: 'kubo-rpc', address: '0.0.0.0', port: kubo.port, tls: false, answer: 'open' })
    },
  },
]
