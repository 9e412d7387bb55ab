import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { waitFor } from '../lab/processes.ts'
import type { LabPeer } from '../lab/state.ts'

/** A real agent of this checkout that looks at these peers, and the fleet file that leads to it. */
export interface BenchAgent {
  readonly fleetFile: string
  /** How the fleet file declares its host. */
  readonly host: { readonly address: string; readonly [key: string]: unknown }
  readonly pid: number
  stop(): Promise<void>
}

const launcher = join(import.meta.dirname, '../bin/tiercel')

/** The command line of this checkout. */
export const tiercel = (...args: string[]): [string, ...string[]] => [launcher, ...args]

/** Starts an agent for some peers, each a store of a host of its own name in one cluster. */
export async function startAgent(name: string, peers: readonly LabPeer[]): Promise<BenchAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-bench-'))
  const at = (file: string): string => join(folder, file)
  const store = (peer: LabPeer) => ({
    name: peers.length === 1 ? 'hot' : `hot${peer.index}`,
    tier: 'hot',
    cluster: 'bench',
    clusterApi: peer.clusterApi,
    kuboApi: peer.kuboApi,
  })
  writeFileSync(at('token'), 'bench-token-of-this-run', { mode: 0o600 })
  writeFileSync(
    at('agent.yaml'),
    stringify({
      apiVersion: 1,
      host: name,
      socket: at('agent.sock'),
      token: { file: at('token') },
      executor: { socket: at('no-executor.sock'), token: { file: at('token') } },
      // Nothing but what was asked for reads the lists meanwhile.
      pinIndex: { folder: at('pins'), share: '1%', walkEvery: '0s' },
      operations: { folder: at('operations') },
      stores: peers.map(store),
    }),
  )
  const host = {
    name,
    address: `unix:${at('agent.sock')}`,
    token: { file: at('token') },
    stores: peers.map((peer) => ({ ...store(peer), peer: peer.peerId })),
  }
  writeFileSync(at('tiercel.yaml'), fleetOf([host]))
  const child = spawn(launcher, ['agent', 'run', '--config', at('agent.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] })
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  const listens = await waitFor(() => child.exitCode !== null || existsSync(at('agent.sock')), 30_000)
  if (!listens || child.exitCode !== null || child.pid === undefined) {
    child.kill()
    throw new Error(`the agent did not start: ${Buffer.concat(said).toString()}`)
  }
  return {
    fleetFile: at('tiercel.yaml'),
    host,
    pid: child.pid,
    async stop() {
      await ended(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The fleet file that leads to these hosts. */
export function fleetOf(hosts: readonly unknown[]): string {
  return stringify({ apiVersion: 1, clusters: [{ name: 'bench' }], tiers: [{ name: 'hot' }], hosts })
}

function ended(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (child.exitCode !== null) resolve()
  child.once('exit', () => resolve())
  child.kill('SIGTERM')
  return promise
}
