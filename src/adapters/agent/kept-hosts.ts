import { z } from 'zod'
import { apiError, type ApiError } from '../../api/agent.ts'
import { Duration, milliseconds } from '../../domain/units.ts'
import { systemClock } from '../system/clock.ts'
import { SshConnections, type SshTarget } from './ssh.ts'

/** The header by which a caller says which host it means, and how long its connection is to be kept. */
export const targetHeader = 'tiercel-target'

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

/** What a caller says of the host it means. */
interface Named {
  host: SshTarget
  /** The same for all who mean this host. */
  key: string
  keepFor: Duration
  isAlone: boolean
}

/** Throws where the words of the caller name no host. */
export function readTarget(header: string): Named {
  const { keepFor, alone: isAlone, ...host } = Kept.parse(JSON.parse(Buffer.from(header, 'base64url').toString('utf8')))
  return { host, key: JSON.stringify(host), keepFor, isAlone }
}

function readTargetIfAny(header: string): Named | undefined {
  try {
    return readTarget(header)
  } catch {
    return undefined
  }
}

/** Nobody is called silent earlier: an agent that is there answers from memory. */
const leastSilenceMs = 500

/** Whoever starts a keeper asks it something at once. */
const firstRequestWithin = 30_000

/** The hosts that connections are kept to. */
export class KeptHosts {
  readonly #hosts = new Map<
    string,
    {
      connections: SshConnections
      underWay: number
      /** The questions that it has heard and does not answer, so that whoever asked has gone away. */
      silent: Set<symbol>
      /** Who waits to be told of it. */
      waiting: Set<() => void>
      idle: (() => void) | undefined
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
    /** The host says that it has heard this question, whose asker may have `gone`. */
    heard: (gone: AbortSignal) => void
    /** It begins to answer it. */
    answering: () => void
    /** The question is over. */
    released: () => void
    isAlone: boolean
  } {
    clearTimeout(this.#firstRequest)
    const { host: named, key: shared, keepFor: kept, isAlone } = readTarget(target)
    const keepFor = isAlone ? milliseconds(0) : kept
    this.#count += 1
    const key = isAlone ? `${this.#count} ${shared}` : shared
    const host = this.#hosts.get(key) ?? {
      connections: new SshConnections(named, { kept: !isAlone }),
      underWay: 0,
      silent: new Set<symbol>(),
      waiting: new Set<() => void>(),
      idle: undefined,
    }
    this.#hosts.set(key, host)
    host.idle?.()
    host.underWay += 1
    const question = Symbol('question')
    let timer: NodeJS.Timeout | undefined
    const speaks = new AbortController()
    const silent = () => {
      host.silent.add(question)
      for (const tell of host.waiting) tell()
      host.waiting.clear()
    }
    const answering = () => {
      clearTimeout(timer)
      speaks.abort()
      host.silent.delete(question)
    }
    return {
      connections: host.connections,
      isAlone,
      answering,
      heard: (gone) => {
        timer = setTimeout(() => {
          if (gone.aborted) silent()
          else gone.addEventListener('abort', silent, { once: true, signal: speaks.signal })
        }, leastSilenceMs)
      },
      released: () => {
        answering()
        host.underWay -= 1
        if (host.underWay > 0) return
        host.idle = systemClock.after(keepFor, () => {
          host.connections.close()
          this.#hosts.delete(key)
          if (this.#hosts.size === 0) this.#whenEmpty()
        })
      },
    }
  }

  /**
   * Tells when the host has heard a question and was silent until its asker gave it up: at once, or while the caller waits behind
   * that question. One that does answer, however long that takes, is not silent. What comes back ends the waiting.
   */
  whenSilent(target: string, tell: () => void): () => void {
    const named = readTargetIfAny(target)
    const host = named === undefined || named.isAlone ? undefined : this.#hosts.get(named.key)
    if (host === undefined) return () => undefined
    if (host.silent.size > 0) tell()
    else host.waiting.add(tell)
    return () => host.waiting.delete(tell)
  }

  async failure(target: string, error: Error): Promise<ApiError> {
    const named = readTargetIfAny(target)
    if (named === undefined) return apiError('bad-request', 'the request names no host')
    const connections = this.#hosts.get(named.key)?.connections
    return connections === undefined ? apiError('failed', error.message) : connections.failure(error)
  }

  close(): void {
    clearTimeout(this.#firstRequest)
    for (const { connections, idle } of this.#hosts.values()) {
      idle?.()
      connections.close()
    }
    this.#hosts.clear()
  }
}
