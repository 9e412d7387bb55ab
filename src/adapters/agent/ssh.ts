import type { Duplex } from 'node:stream'
import { apiError, type ApiError } from '../../api/agent.ts'
import { Agent } from '../http/node-http.ts'
import { programEnvironment } from '../system/exec.ts'
import { openPipe, type Pipe } from '../system/pipe-exec.ts'

/** A host as `ssh://[USER@]HOST[:PORT]` names it, and the operator's own OpenSSH configuration. */
export interface SshTarget {
  address: string
  /** Path of an ssh_config; the user's own when absent. */
  config?: string | undefined
}

/**
 * The arguments for the system's OpenSSH. Host keys are strict: an unknown or changed one is refused, never asked about.
 * Nothing is asked on a terminal, and a dead connection is noticed within half a minute.
 */
export function sshArgs({ address, config }: SshTarget, command: 'stdio' | 'discover' = 'stdio'): string[] {
  const { user, host, port } =
    /^ssh:\/\/(?:(?<user>[^@]+)@)?(?<host>\[[^\]]+\]|[^:]+)(?::(?<port>\d+))?$/.exec(address)?.groups ?? {}
  if (host === undefined) throw new TypeError(`not an ssh:// address: ${address}`)
  return [
    ...(config === undefined ? [] : ['-F', config]),
    '-T',
    ...options.flatMap((option) => ['-o', option]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', port]),
    '--',
    host.replace(/^\[|\]$/g, ''),
    'tiercel',
    'agent',
    command,
  ]
}

const options = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'ConnectTimeout=15',
  'ServerAliveInterval=10',
  'ServerAliveCountMax=3',
]

/** OpenSSH needs the operator's home, agent and name; nothing else of the environment. */
export function sshEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = ['HOME', 'USER', 'LOGNAME', 'PATH', 'SSH_AUTH_SOCK', 'XDG_RUNTIME_DIR']
  return Object.fromEntries([
    ...kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
    ['LC_ALL', programEnvironment.LC_ALL],
  ])
}

/** HTTP connections to the agent of one host, each an `ssh HOST tiercel agent stdio`; one is kept open between requests. */
export class SshConnections extends Agent {
  readonly #target: SshTarget
  readonly #pipes = new Set<Pipe>()
  #last: Pipe | undefined

  /** Not `kept`: each answer has its connection to itself, and ends it. */
  constructor(target: SshTarget, { kept = true } = {}) {
    super(kept ? { keepAlive: true, maxSockets: 1, maxFreeSockets: 1 } : { keepAlive: false })
    this.#target = target
  }

  override createConnection(): Duplex {
    const pipe = openPipe('ssh', sshArgs(this.#target), sshEnvironment(process.env))
    this.#pipes.add(pipe)
    this.#last = pipe
    void (async () => {
      await pipe.ended
      this.#pipes.delete(pipe)
      pipe.stream.destroy()
    })()
    return pipe.stream
  }

  /** Why the last connection failed, in words, and what to do. Waits a moment for the last words of a program that ends. */
  async failure(error: Error): Promise<ApiError> {
    await Promise.race([
      Promise.all([...this.#pipes].map(({ ended }) => ended)),
      new Promise((resolve) => {
        setTimeout(resolve, 1000)
      }),
    ])
    return describeFailure(this.#target, this.#last?.complaint() ?? '', error)
  }

  close(): void {
    for (const pipe of this.#pipes) pipe.close()
    this.destroy()
  }
}

/** What OpenSSH and the remote shell say when it does not work (OpenSSH 9.2, seen in the lab), and what to do then. */
const complaints: readonly { pattern: RegExp; says: string; hint: string }[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/,
    says: 'its SSH host key is not the one that is known',
    hint: 'find out why before anything else: a new installation, or somebody in between. If it is right, put the new key into known_hosts (ssh-keygen -R HOST, then ssh-keyscan and compare)',
  },
  {
    pattern: /Permission denied/,
    says: 'SSH does not let us in',
    hint: 'check the key and user for this host: ssh HOST tiercel agent stdio',
  },
  {
    pattern: /command not found|No such file or directory.*tiercel|tiercel: not found/,
    says: 'tiercel is not installed there',
    hint: 'install it on that host, then: sudo tiercel agent install',
  },
  {
    pattern: /Could not resolve hostname/,
    says: 'its name cannot be resolved',
    hint: 'check the address in the fleet file, and the SSH configuration',
  },
  {
    pattern: /Connection refused|No route to host|Connection timed out|timed out|Network is unreachable/,
    says: 'nobody answers there',
    hint: 'is the host up, and its SSH daemon running?',
  },
]

/** Why OpenSSH failed, in words; `complaint` is what it said on stderr. */
export function describeFailure({ address }: SshTarget, complaint: string, error: Error): ApiError {
  const known = complaints.find(({ pattern }) => pattern.test(complaint))
  const words = complaint === '' ? error.message : complaint.split('\n').slice(-3).join(' ').trim()
  return apiError(
    'ssh-failed',
    known === undefined
      ? `${address} cannot be reached: ${words}`
      : `${address} cannot be reached: ${known.says} (${words})`,
    known?.hint ?? `try it by hand: ssh ${address.replace('ssh://', '')} tiercel agent stdio`,
  )
}
