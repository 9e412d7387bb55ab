import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { z } from 'zod'
import { build, builtTools } from '../lab/build.ts'
import { type LabPaths, labPaths } from '../lab/paths.ts'
import { chooseBasePort } from '../lab/ports.ts'
import { makePeers, startCluster, startKubo, stopCluster, stopKubo } from '../lab/peers.ts'
import { must } from '../lab/processes.ts'
import type { LabPeer } from '../lab/state.ts'
import { identityCid } from './identity-cid.ts'

type Say = (line: string) => void

/** Which pins a peer holds, and under which options; peers of one number are alike unless a test makes them differ. */
export interface Load {
  readonly pins: number
  /** Whether the peer holds them itself; otherwise another peer does, and its Kubo has none: many more come in quickly. */
  readonly held: boolean
  /** How many peers, each a cluster of its own that sees no other: what differs between them stays so. */
  readonly peers: number
  /** The name of pin `index` in the pinset of peer `peer`; undefined leaves it out there. */
  readonly nameOf?: (index: number, peer: number) => string | undefined
  /** Names the load in the cache: another `nameOf` needs another word. */
  readonly called: string
}

/** Peers that run, and the way to end them. */
export interface LoadedPeers {
  readonly paths: LabPaths
  readonly peers: readonly LabPeer[]
  /** Their REST environment for `ipfs-cluster-ctl`, and where the programs are. */
  readonly programs: { readonly kubo: string; readonly cluster: string }
  /** Ends them. What they hold is kept in the cache for the next time, unless it is to be forgotten. */
  stop(after?: 'keep' | 'forget'): Promise<void>
}

const Marker = z.object({ basePort: z.int(), loaded: z.boolean() })

/**
 * Real Kubo and IPFS Cluster peers with many pins, really pinned in their Kubos: CIDs that carry their content in
 * themselves need no blocks. The pinset comes in by `state import`, the Kubo's pins by its own API.
 */
export async function startLoadedPeers(load: Load, say: Say): Promise<LoadedPeers> {
  const shared = labPaths()
  const folder = join(shared.cache, 'loaded', `${load.called}-${load.pins}x${load.peers}`)
  const paths: LabPaths = { ...shared, state: folder, sockets: join(folder, 'run') }
  await build(shared, [], say)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'load.json')
  const before = existsSync(file) ? Marker.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
  const basePort = before?.basePort ?? (await chooseBasePort(undefined))
  writeFileSync(file, JSON.stringify({ basePort, loaded: before?.loaded ?? false }))
  let peers = await Promise.all(
    Array.from({ length: load.peers }, async (_, index) => {
      // Each has a folder of its own, and so a secret of its own: they never meet.
      const own: LabPaths = { ...paths, state: join(folder, `n${index}`), sockets: join(folder, `n${index}`, 'run') }
      mkdirSync(own.sockets, { recursive: true, mode: 0o700 })
      const [peer] = await makePeers(own, basePort + 10 * index, 1)
      if (peer === undefined) throw new Error('one peer was asked for')
      return peer
    }),
  )
  const update = async (change: (peer: LabPeer) => Promise<LabPeer>) => {
    peers = await Promise.all(peers.map(change))
  }
  const stop = async (after: 'keep' | 'forget' = 'keep'): Promise<void> => {
    await update(stopCluster)
    await update(stopKubo)
    if (after === 'forget') rmSync(folder, { recursive: true })
  }
  try {
    await update((peer) => startKubo(shared, peer))
    if (before?.loaded !== true) {
      for (const [index, peer] of peers.entries()) {
        if (load.held) await pinInKubo(peer, load, index, say)
        await importPinset(shared, peer, load, index, say)
      }
      writeFileSync(file, JSON.stringify({ basePort, loaded: true }))
    }
    await update((peer) => startCluster(shared, peer))
  } catch (error) {
    await stop()
    throw error
  }
  const programs = { kubo: builtTools(shared, 'kubo'), cluster: builtTools(shared, 'cluster') }
  return { paths, peers, programs, stop }
}

/** So many CIDs fit into one request line; larger batches gain nothing. */
const batch = 500

async function pinInKubo(peer: LabPeer, load: Load, peerIndex: number, say: Say): Promise<void> {
  const began = Date.now()
  for (let from = 0; from < load.pins; from += batch) {
    const args: string[] = []
    for (let index = from; index < Math.min(load.pins, from + batch); index += 1) {
      if (nameOf(load, index, peerIndex) !== undefined) args.push(`arg=${identityCid(index)}`)
    }
    if (args.length === 0) continue
    const response = await fetch(`${peer.kuboApi}/api/v0/pin/add?${args.join('&')}`, { method: 'POST' })
    if (!response.ok) throw new Error(`Kubo of ${peer.name} did not pin: ${await response.text()}`)
    await response.text()
    if (from % 20_000 === 0 && from > 0) {
      const perSecond = (from * 1000) / (Date.now() - began)
      const left = Math.round((load.pins - from) / perSecond)
      say(`peer ${peerIndex}: ${from} pinned, ${Math.round(perSecond)}/s, ${left} s left`)
    }
  }
}

async function importPinset(paths: LabPaths, peer: LabPeer, load: Load, peerIndex: number, say: Say): Promise<void> {
  const file = join(peer.folder, 'pinset.ndjson')
  const out = createWriteStream(file)
  for (let index = 0; index < load.pins; index += 1) {
    const name = nameOf(load, index, peerIndex)
    if (name === undefined) continue
    if (!out.write(`${JSON.stringify(pinLine(identityCid(index), name, load.held ? peer.peerId : elsewhere))}\n`))
      await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
  const began = Date.now()
  const folder = join(peer.folder, 'cluster')
  const env = z
    .record(z.string(), z.string())
    .parse(JSON.parse(readFileSync(join(peer.folder, 'cluster-environment.json'), 'utf8')))
  await must(
    join(builtTools(paths, 'cluster'), 'ipfs-cluster-service'),
    ['-c', folder, 'state', 'import', '-f', file],
    { env, timeoutMs: 3_600_000 },
  )
  say(`peer ${peerIndex}: pinset imported in ${Math.round((Date.now() - began) / 1000)} s`)
}

const nameOf = ({ nameOf: name }: Load, index: number, peer: number): string | undefined =>
  name === undefined ? `pin-${index}` : name(index, peer)

/** A peer that does not exist. */
const elsewhere = '12D3KooWFmKu1KbuanZYCwn456evNGMmmPT7q27yVXpbhPxJYoxP'

/** One line of `state export` (ipfs-cluster 1.1.6). */
function pinLine(cid: string, name: string, holder: string): Record<string, unknown> {
  return {
    replication_factor_min: 1,
    replication_factor_max: 1,
    name,
    mode: 'recursive',
    shard_size: 0,
    user_allocations: null,
    expire_at: '0001-01-01T00:00:00Z',
    metadata: null,
    pin_update: null,
    origins: [],
    cid,
    type: 'pin',
    allocations: [holder],
    max_depth: -1,
    reference: null,
    timestamp: '2026-11-01T00:00:00Z',
  }
}
