import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { z } from 'zod'

import { LabError } from './errors.ts'

/** A process that the lab started; the start time tells it from a later one with the same pid. */
export const LabProcess = z.object({ pid: z.int().positive(), startTime: z.string() })
export type LabProcess = z.infer<typeof LabProcess>

/** A native Kubo and IPFS Cluster peer on loopback. */
export const LabPeer = z.object({
  index: z.int().nonnegative(),
  name: z.string(),
  folder: z.string(),
  kuboApi: z.string(),
  clusterApi: z.string(),
  /** The same REST API on a unix socket, where the peer has one. */
  clusterSocket: z.string().optional(),
  peerId: z.string(),
  kuboId: z.string(),
  kubo: LabProcess.optional(),
  cluster: LabProcess.optional(),
})
export type LabPeer = z.infer<typeof LabPeer>

/** A virtual machine with real OpenZFS. */
export const LabGuest = z.object({
  name: z.string(),
  folder: z.string(),
  imageKey: z.string(),
  sshPort: z.int(),
  /** Host names for `ssh -F sshConfig`: a root shell, and the key that may only run `tiercel agent stdio`. */
  alias: z.string(),
  agentAlias: z.string(),
  qmpSocket: z.string(),
  accelerator: z.enum(['kvm', 'tcg']),
  qemu: LabProcess.optional(),
  /** What `zfs version` says in the guest. */
  zfsVersion: z.string().optional(),
  kernel: z.string().optional(),
  /** Hash of the checkout that the guest runs. */
  tiercelKey: z.string().optional(),
  /** Whether an agent and an executor run in it. */
  agent: z.boolean().default(false),
  /** IDs of the Kubo and Cluster pair inside, where there is one. */
  pair: z.object({ peerId: z.string(), kuboId: z.string(), store: z.string() }).optional(),
})
export type LabGuest = z.infer<typeof LabGuest>

/** Everything that runs, in `state.json` of the state folder. */
export const LabState = z.object({
  version: z.literal(1),
  basePort: z.int(),
  sshConfig: z.string(),
  /** The agent of this machine, which looks at the native peers. */
  agent: LabProcess.optional(),
  /** Hash of the checkout that it runs. */
  agentKey: z.string().optional(),
  knownHosts: z.string(),
  fleetFile: z.string(),
  /** Cluster's `pin_timeout` in the lab, in milliseconds. */
  pinTimeoutMs: z.int(),
  /** Cluster's `monitor_ping_interval` in the lab, in milliseconds. A peer that ended is forgotten after twice as long. */
  pingIntervalMs: z.int(),
  versions: z.record(z.string(), z.string()).default({}),
  peers: z.array(LabPeer).default([]),
  guests: z.array(LabGuest).default([]),
})
export type LabState = z.infer<typeof LabState>

/** The state of the lab in this folder; undefined when there never was one. */
export function readState(folder: string): LabState | undefined {
  let text: string
  try {
    text = readFileSync(statePath(folder), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const parsed = LabState.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new LabError(
    `${statePath(folder)} is of another version of the lab; run "lab down" with that version, or remove the folder: ${z.prettifyError(parsed.error)}`,
  )
}

/** Replaces the state file in one step: a reader sees the old or the new one. */
export function writeState(folder: string, state: LabState): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const next = `${statePath(folder)}.${process.pid}`
  writeFileSync(next, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  renameSync(next, statePath(folder))
}

/** The state with this guest or peer put in, in place of the one of the same name. */
export function withGuest(state: LabState, guest: LabGuest): LabState {
  return { ...state, guests: replaced(state.guests, guest) }
}

export function withPeer(state: LabState, peer: LabPeer): LabState {
  return { ...state, peers: replaced(state.peers, peer) }
}

function replaced<T extends { readonly name: string }>(list: readonly T[], item: T): T[] {
  const others = list.filter((each) => each.name !== item.name)
  return [...others, item].toSorted((a, b) => a.name.localeCompare(b.name))
}

export function statePath(folder: string): string {
  return join(folder, 'state.json')
}
