import { minutes, seconds } from '../../domain/units.ts'
import { hostOf, membersOf, storeOf } from '../lookup.ts'
import type { Fault } from './fault.ts'

export const allocationBlind: Fault = {
  name: 'allocation-blind',
  title: 'The peer of n2/cold has lost its tag: by tag:tier, nobody finds it when holders are chosen',
  expects: [{ code: 'ALLOCATION_BLIND', subject: 'n2/cold/peer' }],
  settlesAfter: minutes(2),
  apply: (world) => {
    storeOf(hostOf(world, 'n2'), 'cold').peer.silentMetrics = ['tag:tier']
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n2'), 'cold').peer.silentMetrics = []
  },
}

export const autoGc: Fault = {
  name: 'auto-gc',
  title: 'The Kubo of n1/hot was started with --enable-gc',
  expects: [
    { code: 'AUTO_GC_ENABLED', subject: 'n1/hot/kubo' },
    { code: 'KNOWN_BUG', subject: 'n1/hot/kubo/gc-shutdown' },
  ],
  settlesAfter: seconds(0),
  apply: (world) => {
    storeOf(hostOf(world, 'n1'), 'hot').kubo.enableGc = true
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n1'), 'hot').kubo.enableGc = false
  },
}

export const repinEnabled: Fault = {
  name: 'repin-enabled',
  title: 'The peer of n3/warm copies the pins of any peer that falls silent for half a minute',
  expects: [{ code: 'REPIN_ENABLED', subject: 'main' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    storeOf(hostOf(world, 'n3'), 'warm').peer.settings.disableRepinning = false
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n3'), 'warm').peer.settings.disableRepinning = true
  },
}

export const defaultTrust: Fault = {
  name: 'default-trust',
  title: 'The peers of cluster main trust everybody who has the cluster secret, as they are installed',
  expects: [{ code: 'DEFAULT_TRUST', subject: 'main' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    for (const { store } of membersOf(world, 'main')) store.peer.settings.trustsAll = true
  },
  mend: (world) => {
    for (const { store } of membersOf(world, 'main')) store.peer.settings.trustsAll = false
  },
}

export const apiExposed: Fault = {
  name: 'api-exposed',
  title: 'The RPC API of the Kubo of n2/hot listens on every address, and asks nobody who he is',
  expects: [{ code: 'API_EXPOSED', subject: 'n2/hot/kubo-rpc' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    const store = storeOf(hostOf(world, 'n2'), 'hot')
    store.exposed = [{ service: 'kubo-rpc', address: '0.0.0.0', port: store.kubo.port, tls: false, answer: 'open' }]
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n2'), 'hot').exposed = []
  },
}

export const userNamespaces: Fault = {
  name: 'user-namespaces',
  title: 'n2 runs OpenZFS 2.3.2, and lets every user make user namespaces',
  expects: [{ code: 'KNOWN_BUG', subject: 'n2/user-namespaces' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    hostOf(world, 'n2').machine.userNamespaces = true
  },
  mend: (world) => {
    hostOf(world, 'n2').machine.userNamespaces = false
  },
}
