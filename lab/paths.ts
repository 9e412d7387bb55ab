import { createHash } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Folders of one lab. `cache` can be thrown away and built again; `state` holds keys, disks, repositories and logs. */
export interface LabPaths {
  readonly checkout: string
  readonly cache: string
  readonly state: string
  /** Unix sockets: apart from `state`, because a socket's path may not be longer than 107 bytes (unix(7)). */
  readonly sockets: string
}

/** The agent of this machine, which looks at the native peers and keeps their pin indexes, on a socket of the lab's own. */
export interface NativeAgent {
  readonly folder: string
  readonly socket: string
  readonly token: string
}

export function nativeAgent(paths: Pick<LabPaths, 'state' | 'sockets'>): NativeAgent {
  const folder = join(paths.state, 'agent')
  return { folder, socket: join(paths.sockets, 'agent.sock'), token: join(folder, 'token') }
}

type Environment = Readonly<Record<string, string | undefined>>

const longestSocketName = 30

/** The folders that the environment asks for: TIERCEL_LAB_STATE, else the XDG ones. */
export function labPaths(env: Environment = process.env): LabPaths {
  const state =
    env['TIERCEL_LAB_STATE'] ?? join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'tiercel-lab')
  const sockets = join(state, 'run')
  return {
    checkout: join(import.meta.dirname, '..'),
    cache: join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tiercel-lab'),
    state,
    sockets: Buffer.byteLength(sockets) + longestSocketName <= 107 ? sockets : shortFolder(state),
  }
}

function shortFolder(state: string): string {
  return join(tmpdir(), `tiercel-lab-${createHash('sha256').update(state).digest('hex').slice(0, 8)}`)
}
