import { createHash, randomBytes } from 'node:crypto'

import { LabError } from '../errors.ts'
import type { Lab } from '../open-lab.ts'
import { startCluster, startKubo, stopCluster, stopKubo } from '../peers.ts'
import { withPeer, type LabPeer } from '../state.ts'
import { toBase32 } from './block-file.ts'
import type { Fault, FaultTarget } from './fault.ts'

export const killKubo: Fault = {
  name: 'kill-kubo',
  mendName: 'start-kubo',
  title: 'Kubo of a native peer is killed',
  takes: ['peer'],
  async break(lab, target) {
    const peer = await stopKubo(targetPeer(lab, target), { hard: true })
    lab.update((state) => withPeer(state, peer))
  },
  async mend(lab, target) {
    const peer = await startKubo(lab.paths, targetPeer(lab, target))
    lab.update((state) => withPeer(state, peer))
  },
}

export const killCluster: Fault = {
  name: 'kill-cluster',
  mendName: 'start-cluster',
  title: 'the Cluster daemon of a native peer is killed',
  takes: ['peer'],
  async break(lab, target) {
    const peer = await stopCluster(targetPeer(lab, target), { hard: true })
    lab.update((state) => withPeer(state, peer))
  },
  async mend(lab, target) {
    const peer = await startCluster(lab.paths, targetPeer(lab, target))
    lab.update((state) => withPeer(state, peer))
  },
}

export const splitPeer: Fault = {
  name: 'split',
  mendName: 'heal',
  title: 'a native peer runs with another cluster secret: it and the others each go on alone, and take changes',
  takes: ['peer'],
  async break(lab, target) {
    const peer = await stopCluster(targetPeer(lab, target))
    const alone = await startCluster(lab.paths, peer, { CLUSTER_SECRET: randomBytes(32).toString('hex') })
    lab.update((state) => withPeer(state, alone))
  },
  async mend(lab, target) {
    const peer = await stopCluster(targetPeer(lab, target))
    const together = await startCluster(lab.paths, peer)
    lab.update((state) => withPeer(state, together))
  },
}

/** The CID of a raw block that nobody has: its content is not in any Kubo of the lab, and none of them reaches others. */
export const unfetchableCid = rawCid('tiercel-lab: a block that nobody has')

export const pinUnfetchable: Fault = {
  name: 'pin-unfetchable',
  mendName: 'unpin-unfetchable',
  title: "a pin is allocated to a native peer that can never fetch it; an error after the Cluster's pin_timeout",
  takes: ['peer'],
  async break(lab, target) {
    const peer = targetPeer(lab, target)
    const options = new URLSearchParams({
      name: 'lab-unfetchable',
      'replication-min': '1',
      'replication-max': '1',
      'user-allocations': peer.peerId,
    })
    await askPeer(peer, `/pins/${unfetchableCid}?${options.toString()}`, 'POST')
  },
  async mend(lab, target) {
    await askPeer(targetPeer(lab, target), `/pins/${unfetchableCid}`, 'DELETE')
  },
}

/** The native peer that a target names. */
export function targetPeer(lab: Lab, target: FaultTarget): LabPeer {
  if (target.peer === undefined) throw new LabError('this fault is made to a native peer: name its index')
  return lab.peer(target.peer)
}

/** A request to the peer's REST API that must succeed. */
export async function askPeer(peer: LabPeer, path: string, method: string): Promise<void> {
  const response = await fetch(`${peer.clusterApi}${path}`, { method, signal: AbortSignal.timeout(30_000) })
  const text = await response.text()
  // A pin that is not there any more is as good as unpinned.
  if (response.ok || (method === 'DELETE' && response.status === 404)) return
  throw new LabError(`${peer.name} answers ${response.status} to ${method} ${path}: ${text}`)
}

/** CIDv1 of a raw block with this content: version 1, codec raw (0x55), multihash sha2-256 (0x12) of 32 bytes, in base32. */
export function rawCid(content: string): string {
  const digest = createHash('sha256').update(content).digest()
  return `b${toBase32([0x01, 0x55, 0x12, 0x20, ...digest])}`
}
