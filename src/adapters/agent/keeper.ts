import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { apiError, type ApiError } from '../../api/agent.ts'
import { OpsError } from '../../domain/errors.ts'
import { Duration } from '../../domain/units.ts'
import { listenOn, SocketInUse } from '../system/listen.ts'
import { createProxy } from './proxy.ts'
import { SshConnections, type SshTarget } from './ssh.ts'

/** The folder for our sockets is not ours alone. */
export class FolderNotOurs extends OpsError {
  readonly remedy = 'ask'
}

/** The socket of the process that keeps the connections of this user. */
export function keeperSocket(env: NodeJS.ProcessEnv): string {
  const uid = process.getuid?.() ?? 0
  const runtime = env['XDG_RUNTIME_DIR'] ?? ''
  const folder = join(runtime === '' ? tmpdir() : runtime, `tiercel-${uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new FolderNotOurs(`${folder} must be a folder of our own with mode 0700; remove it, or set XDG_RUNTIME_DIR`)
  }
  const key = createHash('sha256')
    // Another login has other keys, and a keeper with the agent of a login that is over could not log in again. Another
    // checkout may speak otherwise.
    .update(JSON.stringify([env['HOME'], env['SSH_AUTH_SOCK'], env['PATH'], import.meta.dirname]))
    .digest('hex')
  return join(folder, `${key.slice(0, 16)}.sock`)
}

/** The header by which a caller says which host it means, and how long its connection is to be kept. */
const targetHeader = 'tiercel-target'

const Kept = z.object({
  address: z.string(),
  config: z.string().optional(),
  keepFor: Duration,
  /** The answer may last for hours: it gets a connection to itself, which is not kept. */
  alone: z.boolean().default(false),
})

/** The headers of a request through the keeper. */
export function keptHeaders(target: SshTarget, keepFor: Duration, alone?: 'alone'): Record<string, string> {
  const words = { ...target, keepFor, alone: alone !== undefined }
  return { [targetHeader]: Buffer.from(JSON.stringify(words)).toString('base64url') }
}

/**
 * Longer than a login to a slow host and an answer from memory take, and longer than any asker waits: the connection that is
 * being made serves the next one. After it, the connection is dropped.
 */
const answerWithin = 60_000

/**
 * On a connection that was kept there is no login. It can be dead without a word (a laptop that slept, a new address):
 * what is left of the caller's 12 s is for a new one.
 */
const answerOnKeptWithin = 6_000

/**
 * Keeps one `ssh HOST tiercel agent stdio` open to each host that the commands of one user have asked for, each until its
 * time without a request is over, and ends with the last one. OpenSSH's own ControlMaster cannot do it: it keeps the
 * login, but each command would start the remote program anew, which takes seconds on a slow host.
 */
export async function keepConnections(socketPath: string): Promise<void> {
  const hosts = new KeptHosts()
  const server = createProxy(
    ({ headers: { [targetHeader]: target, ...headers }, ...options }) => {
      const { connections, released, isAlone, answering } = hosts.take(String(target))
      const upstream = request({ ...options, headers, agent: connections, host: 'agent' })
      upstream.setTimeout(0)
      let late: NodeJS.Timeout | undefined
      const dropAfter = (within: number) => {
        clearTimeout(late)
        late = setTimeout(() => upstream.destroy(new Error(`no answer within ${within / 1000} s`)), within)
      }
      dropAfter(answerWithin)
      upstream.once('socket', () => {
        if (upstream.reusedSocket) dropAfter(answerOnKeptWithin)
      })
      upstream.once('response', () => {
        // From here on, whoever asked knows how long silence may last.
        if (isAlone) clearTimeout(late)
      })
      // The connection lives; what takes its time is the agent.
      upstream.once('continue', () => {
        answering(true)
        dropAfter(answerWithin)
      })
      upstream.once('close', () => {
        clearTimeout(late)
        answering(false)
        released()
      })
      return upstream
    },
    (error, { headers }) => hosts.failure(String(headers[targetHeader]), error),
    {
      letFinish: (headers) => !readTarget(String(headers[targetHeader])).alone,
      tellWhenThere: true,
      // A question behind another one, which the host has heard, waits for the agent too.
      isThere: ({ headers }) => hosts.isAnswering(String(headers[targetHeader])),
    },
  )
  try {
    await listenOn(server, socketPath, 0o600)
  } catch (error) {
    if (error instanceof SocketInUse) return // another keeper was faster
    throw error
  }
  await new Promise<void>((resolve) => {
    const end = () => {
      hosts.close()
      server.closeAllConnections()
      server.close(() => resolve())
    }
    hosts.onceEmpty(end)
    process.once('SIGTERM', end)
  })
}

const readTarget = (header: string): z.infer<typeof Kept> =>
  Kept.parse(JSON.parse(Buffer.from(header, 'base64url').toString('utf8')))

/** Whoever starts a keeper asks it something at once. */
const firstRequestWithin = 30_000

/** The hosts that connections are kept to. */
class KeptHosts {
  readonly #hosts = new Map<
    string,
    {
      connections: SshConnections
      underWay: number
      /** It has heard a question, and has not answered yet. */
      isAnswering: boolean
      idle: NodeJS.Timeout | undefined
    }
  >()
  #whenEmpty: () => void = () => undefined
  #count = 0
  #firstRequest: NodeJS.Timeout | undefined

  onceEmpty(run: () => void): void {
    this.#whenEmpty = run
    this.#firstRequest = setTimeout(() => {
      if (this.#hosts.size === 0) run()
    }, firstRequestWithin)
  }

  /** Throws when the words of the caller name no target. */
  take(target: string): {
    connections: SshConnections
    released: () => void
    answering: (isSo: boolean) => void
    isAlone: boolean
  } {
    clearTimeout(this.#firstRequest)
    const { keepFor: kept, alone: isAlone, ...named } = readTarget(target)
    const keepFor = isAlone ? 0 : kept
    this.#count += 1
    const key = isAlone ? `${this.#count} ${JSON.stringify(named)}` : JSON.stringify(named)
    const host = this.#hosts.get(key) ?? {
      connections: new SshConnections(named, { kept: !isAlone }),
      underWay: 0,
      isAnswering: false,
      idle: undefined,
    }
    this.#hosts.set(key, host)
    clearTimeout(host.idle)
    host.underWay += 1
    return {
      connections: host.connections,
      isAlone,
      answering: (isSo) => {
        host.isAnswering = isSo
      },
      released: () => {
        host.underWay -= 1
        if (host.underWay > 0) return
        host.idle = setTimeout(() => {
          host.connections.close()
          this.#hosts.delete(key)
          if (this.#hosts.size === 0) this.#whenEmpty()
        }, keepFor)
      },
    }
  }

  isAnswering(target: string): boolean {
    try {
      const { keepFor: _kept, alone: _alone, ...host } = readTarget(target)
      return this.#hosts.get(JSON.stringify(host))?.isAnswering ?? false
    } catch {
      return false
    }
  }

  async failure(target: string, error: Error): Promise<ApiError> {
    try {
      const { keepFor: _kept, alone: _alone, ...host } = readTarget(target)
      const connections = this.#hosts.get(JSON.stringify(host))?.connections
      return connections === undefined ? apiError('failed', error.message) : await connections.failure(error)
    } catch {
      return apiError('bad-request', 'the request names no host')
    }
  }

  close(): void {
    clearTimeout(this.#firstRequest)
    for (const { connections, idle } of this.#hosts.values()) {
      clearTimeout(idle)
      connections.close()
    }
    this.#hosts.clear()
  }
}
