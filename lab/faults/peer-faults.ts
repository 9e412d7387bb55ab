import { createHash } from 'node:crypto'

import { LabError } from '../errors.ts'
import type { Lab } from '../open-lab.ts'
import { startCluster, startKubo, stopCluster, stopKubo } from '../peers.ts'
import { withPeer, type LabPeer } from '../state.ts'
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
    await ask(peer, `/pins/${unfetchableCid}?${options.toString()}`, 'POST')
  },
  async mend(lab, target) {
    await ask(targetPeer(lab, target), `/pins/${unfetchableCid}`, 'DELETE')
  },
}

function targetPeer(lab: Lab, target: FaultTarget): LabPeer {
  if (target.peer === undefined) throw new LabError('this fault is made to a native peer: name its index')
  return lab.peer(target.peer)
}

async function ask(peer: LabPeer, path: string, method: string): Promise<void> {
  const response = await fetch(`${peer.clusterApi}${path}`, { method, signal: AbortSignal.timeout(30_000) })
  const text = await response.text()
  // A pin that is not there any more is as good as unpinned.
  if (response.ok || (method === 'DELETE' && response.status === 404)) return
  throw new LabError(`${peer.name} answers ${response.status} to ${method} ${path}: ${text}`)
}

/** CIDv1 of a raw block with this content: version 1, codec raw (0x55), multihash sha2-256 (0x12) of 32 bytes, in base32. */
export function rawCid(content: string): string {
  const digest = createHash('sha256').update(content).digest()
  const bytes = Buffer.concat([Buffer.from([0x01, 0x55, 0x12, 0x20]), digest])
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  const symbols = bits.match(/.{1,5}/g) ?? []
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  return `b${symbols.map((each) => alphabet[Number.parseInt(each.padEnd(5, '0'), 2)]).join('')}`
}
