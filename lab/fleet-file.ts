import { writeFileSync } from 'node:fs'

import { stringify } from 'yaml'

import { type LabPaths, type NativeAgent, nativeAgent } from './paths.ts'
import { guestCluster, guestStores } from './tiercel.ts'
import type { LabGuest, LabPeer, LabState } from './state.ts'

/** The host of the fleet file under which the native peers are: this machine. */
export const nativeHost = 'here'
/** The cluster of the native peers. */
export const nativeCluster = 'lab'

/** Writes the fleet file of what runs. */
export function writeFleet(paths: LabPaths, state: LabState): void {
  writeFileSync(
    state.fleetFile,
    `# Written by "npm run lab -- up" for what runs.\n${stringify(fleet(state, nativeAgent(paths)))}`,
  )
}

/** The fleet of a lab: this machine with the native peers, and one host for each guest. */
export function fleet(
  state: Pick<LabState, 'guests' | 'peers' | 'sshConfig'>,
  agent: Pick<NativeAgent, 'socket' | 'token'>,
): Record<string, unknown> {
  const peers = state.peers.length === 0 ? [] : [nativeCluster]
  return {
    apiVersion: 1,
    clusters: [...peers, ...state.guests.map((guest) => guestCluster(guest.name))].map((name) => ({ name })),
    tiers: ['hot', 'warm', 'cold'].map((name) => ({ name })),
    ssh: { config: state.sshConfig },
    hosts: [
      ...(state.peers.length === 0
        ? []
        : [
            {
              name: nativeHost,
              address: `unix:${agent.socket}`,
              token: { file: agent.token },
              stores: state.peers.map(nativeStore),
            },
          ]),
      ...state.guests.map(guestHost),
    ],
  }
}

export function nativeStore(peer: LabPeer): Record<string, string> {
  return {
    name: peer.name,
    tier: 'hot',
    cluster: nativeCluster,
    clusterApi: peer.clusterSocket === undefined ? peer.clusterApi : `unix:${peer.clusterSocket}`,
    kuboApi: peer.kuboApi,
    peer: peer.peerId,
  }
}

function guestHost(guest: LabGuest): Record<string, unknown> {
  return {
    name: guest.name,
    address: `ssh://${guest.agentAlias}`,
    stores: guestStores(guest).map((store) =>
      guest.pair !== undefined && guest.pair.store === store['name'] ? { ...store, peer: guest.pair.peerId } : store,
    ),
  }
}
