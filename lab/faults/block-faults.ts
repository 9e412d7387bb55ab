import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { z } from 'zod'

import { LabError } from '../errors.ts'
import type { LabPeer } from '../state.ts'
import { blockFile } from './block-file.ts'
import type { Fault } from './fault.ts'
import { askPeer, targetPeer } from './peer-faults.ts'

/** What {@link loseBlock} has done to a peer: in the peer's folder, for the way back and for tests. */
const Lost = z.object({ root: z.string(), leaf: z.string(), path: z.string() })
export type Lost = z.infer<typeof Lost>

export const loseBlock: Fault = {
  name: 'lose-block',
  mendName: 'return-block',
  title:
    'one leaf block of a pin of a native peer is removed from the folder of its Kubo, and every list still says pinned',
  takes: ['peer'],
  async break(lab, target) {
    const peer = targetPeer(lab, target)
    // New content each time: Kubo remembers which blocks it has.
    const root = await add(peer, randomBytes(4 * chunkBytes))
    const [leaf] = await leavesOf(peer, root)
    if (leaf === undefined) throw new LabError(`${root} has no leaves`)
    const options = new URLSearchParams({
      name: 'lab-lost-block',
      'replication-min': '1',
      'replication-max': '1',
      'user-allocations': peer.peerId,
    })
    await askPeer(peer, `/pins/${root}?${options.toString()}`, 'POST')
    const path = join(peer.folder, 'kubo', 'blocks', blockFile(leaf))
    writeFileSync(noteOf(peer), JSON.stringify({ root, leaf, path } satisfies Lost))
    renameSync(path, keptIn(peer))
  },
  async mend(lab, target) {
    const peer = targetPeer(lab, target)
    const { root, path } = lostBlock(peer)
    renameSync(keptIn(peer), path)
    await askPeer(peer, `/pins/${root}`, 'DELETE')
    rmSync(noteOf(peer))
  },
}

/** Which block a peer has lost. */
export function lostBlock(peer: LabPeer): Lost {
  return Lost.parse(JSON.parse(readFileSync(noteOf(peer), 'utf8')))
}

const noteOf = (peer: LabPeer): string => join(peer.folder, 'lost-block.json')
const keptIn = (peer: LabPeer): string => join(peer.folder, 'lost-block.data')

const chunkBytes = 4096

async function add(peer: LabPeer, content: Buffer): Promise<string> {
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(content)]))
  const url = `${peer.kuboApi}/api/v0/add?cid-version=1&raw-leaves=true&pin=false&chunker=size-${chunkBytes}`
  const response = await fetch(url, { method: 'POST', body: form, signal: AbortSignal.timeout(30_000) })
  return z.object({ Hash: z.string() }).parse(await response.json()).Hash
}

async function leavesOf(peer: LabPeer, root: string): Promise<string[]> {
  const response = await fetch(`${peer.kuboApi}/api/v0/refs?arg=${root}`, {
    method: 'POST',
    signal: AbortSignal.timeout(30_000),
  })
  const lines = (await response.text()).split('\n').filter((line) => line !== '')
  return lines.map((line) => z.object({ Ref: z.string() }).parse(JSON.parse(line)).Ref)
}
