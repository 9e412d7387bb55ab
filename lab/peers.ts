import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { z } from 'zod'

import { builtTools } from './build.ts'
import { LabError } from './errors.ts'
import type { LabPaths } from './paths.ts'
import { clusterEnvironment, kuboConfig, kuboEnvironment, peerPorts, type PeerPorts } from './peer-settings.ts'
import { isAlive, must, startDetached, stopProcess, waitFor } from './processes.ts'
import type { LabPeer } from './state.ts'

/** How many native peers the lab runs. */
export const peerCount = 3

/** Makes the repositories of the native peers where they are missing. Kubos and peers know each other from the start. */
export async function makePeers(paths: LabPaths, basePort: number, count = peerCount): Promise<LabPeer[]> {
  const indexes = Array.from({ length: count }, (_, index) => index)
  const made = await Promise.all(indexes.map((index) => makePeer(paths, index, peerPorts(basePort, index))))
  const secret = clusterSecret(paths)
  const trusted = made.map(({ peerId }) => peerId)
  for (const peer of made) {
    const others = made.filter((each) => each !== peer)
    writeKuboConfig(peer, others, basePort)
    const env = clusterEnvironment({
      secret,
      name: peer.name,
      folder: clusterFolder(peer),
      ports: peerPorts(basePort, peer.index),
      socket: peer.clusterSocket,
      others: others.map((other) => clusterAddress(other, basePort)),
      trusted,
    })
    writeFileSync(join(peer.folder, 'cluster-environment.json'), JSON.stringify(env), { mode: 0o600 })
  }
  return made
}

async function makePeer(paths: LabPaths, index: number, ports: PeerPorts): Promise<LabPeer> {
  const name = `peer${index}`
  const folder = join(paths.state, 'peers', name)
  const kuboFolder = join(folder, 'kubo')
  const clusterPath = join(folder, 'cluster')
  mkdirSync(paths.sockets, { recursive: true, mode: 0o700 })
  if (!existsSync(join(kuboFolder, 'config'))) {
    mkdirSync(kuboFolder, { recursive: true, mode: 0o700 })
    await must(join(builtTools(paths, 'kubo'), 'ipfs'), ['init', '--profile=test'], {
      env: kuboEnvironment(kuboFolder),
    })
  }
  if (!existsSync(join(clusterPath, 'identity.json'))) {
    mkdirSync(clusterPath, { recursive: true, mode: 0o700 })
    await must(clusterProgram(paths), ['-c', clusterPath, 'init', '--consensus', 'crdt'], {
      env: { CLUSTER_SECRET: clusterSecret(paths) },
    })
  }
  return {
    index,
    name,
    folder,
    kuboApi: `http://127.0.0.1:${ports.kuboApi}`,
    clusterApi: `http://127.0.0.1:${ports.rest}`,
    // One peer also listens on a socket, so that this way in is tried on the real program.
    ...(index === 0 ? { clusterSocket: join(paths.sockets, 'peer0-rest.sock') } : {}),
    peerId: z.object({ id: z.string() }).parse(readJson(join(clusterPath, 'identity.json'))).id,
    kuboId: z.object({ Identity: z.object({ PeerID: z.string() }) }).parse(readJson(join(kuboFolder, 'config')))
      .Identity.PeerID,
  }
}

/** Starts Kubo of this peer if it does not run, and waits until it answers. */
export async function startKubo(paths: LabPaths, peer: LabPeer): Promise<LabPeer> {
  if (isAlive(peer.kubo)) return peer
  const kubo = await startDetached(join(builtTools(paths, 'kubo'), 'ipfs'), ['daemon'], {
    env: kuboEnvironment(join(peer.folder, 'kubo')),
    logFile: join(peer.folder, 'kubo.log'),
  })
  const answers = await waitFor(() => !isAlive(kubo) || answersTo(`${peer.kuboApi}/api/v0/id`, 'POST'), 60_000)
  if (!answers || !isAlive(kubo))
    throw new LabError(`Kubo of ${peer.name} does not answer: see ${peer.folder}/kubo.log`)
  return { ...peer, kubo }
}

/** Starts the Cluster daemon of this peer if it does not run, and waits until it answers; `overrides` go over its environment. */
export async function startCluster(
  paths: LabPaths,
  peer: LabPeer,
  overrides: Readonly<Record<string, string>> = {},
): Promise<LabPeer> {
  if (isAlive(peer.cluster)) return peer
  // A peer that was killed leaves its socket, and the next one would not start.
  if (peer.clusterSocket !== undefined) rmSync(peer.clusterSocket, { force: true })
  const env = z.record(z.string(), z.string()).parse(readJson(join(peer.folder, 'cluster-environment.json')))
  const cluster = await startDetached(clusterProgram(paths), ['-c', clusterFolder(peer), 'daemon'], {
    env: { ...env, ...overrides },
    logFile: join(peer.folder, 'cluster.log'),
  })
  const answers = await waitFor(() => !isAlive(cluster) || answersTo(`${peer.clusterApi}/id`, 'GET'), 60_000)
  if (!answers || !isAlive(cluster)) {
    throw new LabError(`IPFS Cluster of ${peer.name} does not answer: see ${peer.folder}/cluster.log`)
  }
  return { ...peer, cluster }
}

/** Ends Kubo of this peer; `hard` is a crash, with nothing written on the way out. */
export async function stopKubo(peer: LabPeer, { hard = false } = {}): Promise<LabPeer> {
  await stopProcess(peer.kubo, { graceMs: hard ? 0 : 10_000 })
  const { kubo: _ended, ...rest } = peer
  return rest
}

/** Ends the Cluster daemon of this peer. */
export async function stopCluster(peer: LabPeer, { hard = false } = {}): Promise<LabPeer> {
  await stopProcess(peer.cluster, { graceMs: hard ? 0 : 10_000 })
  const { cluster: _ended, ...rest } = peer
  return rest
}

/** Waits until every peer sees all the others; says how many each sees when it takes too long. */
export async function waitForMembership(peers: readonly LabPeer[], timeoutMs = 60_000): Promise<void> {
  let seen: number[] = []
  const all = await waitFor(async () => {
    seen = await Promise.all(peers.map(countMembers))
    return seen.every((count) => count >= peers.length)
  }, timeoutMs)
  if (!all) throw new LabError(`the peers do not see each other: ${seen.join(', ')} of ${peers.length} seen by each`)
}

async function countMembers(peer: LabPeer): Promise<number> {
  try {
    const response = await fetch(`${peer.clusterApi}/peers`, { signal: AbortSignal.timeout(10_000) })
    return (await response.text()).split('\n').filter((line) => line !== '').length
  } catch {
    return 0
  }
}

async function answersTo(url: string, method: string): Promise<boolean> {
  try {
    return (await fetch(url, { method, signal: AbortSignal.timeout(5000) })).ok
  } catch {
    return false
  }
}

function writeKuboConfig(peer: LabPeer, others: readonly LabPeer[], basePort: number): void {
  const path = join(peer.folder, 'kubo', 'config')
  const before = z.record(z.string(), z.unknown()).parse(readJson(path))
  const neighbours = others.map((other) => ({
    ID: other.kuboId,
    Addrs: [`/ip4/127.0.0.1/tcp/${peerPorts(basePort, other.index).kuboSwarm}`],
  }))
  const after = kuboConfig(before, peerPorts(basePort, peer.index), neighbours)
  writeFileSync(path, JSON.stringify(after, null, 2), { mode: 0o600 })
}

function clusterAddress(peer: LabPeer, basePort: number): string {
  return `/ip4/127.0.0.1/tcp/${peerPorts(basePort, peer.index).clusterSwarm}/p2p/${peer.peerId}`
}

function clusterSecret(paths: LabPaths): string {
  const path = join(paths.state, 'cluster-secret')
  if (!existsSync(path)) {
    mkdirSync(paths.state, { recursive: true, mode: 0o700 })
    writeFileSync(path, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' })
  }
  return readFileSync(path, 'utf8')
}

function clusterProgram(paths: LabPaths): string {
  return join(builtTools(paths, 'cluster'), 'ipfs-cluster-service')
}

function clusterFolder(peer: LabPeer): string {
  return join(peer.folder, 'cluster')
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
