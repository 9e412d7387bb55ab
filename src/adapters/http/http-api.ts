import type { Api } from '../../domain/fleet.ts'
import { type Duration, milliseconds, minutes, seconds } from '../../domain/units.ts'
import { Answer } from './answer.ts'
import { connectionFailure } from './connection-failure.ts'
import { authorization } from './credentials.ts'
import { Deadline } from './deadline.ts'
import { openDispatcher, requestUntil } from './dispatcher.ts'
import { PeerSilent, PeerUnreachable } from './errors.ts'
import { type EndTrailer, readList } from './read-list.ts'
import { type ErrorMessage, refuseAnswer } from './refuse-answer.ts'

/** How long we wait for a peer, and how much we take from it. */
export interface HttpLimits {
  /** For one value: from the request to the end of the answer. */
  valueWithin: Duration
  /** For a list: from the request to its first item, connecting included. */
  firstItemWithin: Duration
  /** From one item of a list to the next, not counting the time that the consumer takes. */
  nextItemWithin: Duration
  /** Longest answer that is one value. */
  valueBytes: number
  /** Longest item of a list. */
  lineBytes: number
}

/**
 * Nets under the deadlines that callers set by signal. ipfs-cluster 1.1.6 waits 15 s for each silent peer in `/peers`,
 * and a full list of 1,000,000 pins flows steadily once begun; its first item may wait for Kubo's `pin/ls`.
 */
export const defaultHttpLimits: HttpLimits = {
  valueWithin: seconds(30),
  firstItemWithin: minutes(2),
  nextItemWithin: seconds(30),
  valueBytes: 16 * 1024 * 1024,
  lineBytes: 4 * 1024 * 1024,
}

/** What each kind of peer does in its own way. */
export interface Dialect {
  says: ErrorMessage
  endTrailer: EndTrailer
}

export interface HttpRequest {
  method: 'GET' | 'POST'
  /** Begins with a slash; already encoded. */
  path: string
  query?: Record<string, string>
  /** For one value: longest wait for its end, where that is less than the limit of all. */
  within?: Duration
}

/**
 * One HTTP API of JSON values and of lists (one JSON value a line). Every wait has a deadline and every answer a limit of
 * size. When a signal is aborted, its request is cut off and the signal's reason is thrown.
 */
export interface HttpApi {
  /**
   * One JSON value, whole; `parse` gets undefined for an empty answer (204), and the request in words for its messages.
   * Throws PeerUnreachable, PeerSilent, PeerNotTrusted, PeerRefused, PeerAnswered, UnexpectedOutput, SecretUnreadable.
   */
  value<T>(
    request: HttpRequest,
    parse: (text: string | undefined, request: string) => T,
    signal?: AbortSignal,
  ): Promise<T>
  /**
   * The items of a list as they come; no more is read than is taken. Throws as `value` does, and ListEndedEarly when
   * what came is not all there is. Leaving the loop early closes the connection.
   */
  list<T>(
    request: HttpRequest,
    parse: (line: string, request: string) => T,
    signal?: AbortSignal,
  ): AsyncGenerator<T, void, undefined>
  /** Cuts off what still runs. */
  close(): Promise<void>
}

/** Connects at the first request, not before. */
export function openHttpApi(api: Api, dialect: Dialect, changed: Partial<HttpLimits> = {}): HttpApi {
  const limits = { ...defaultHttpLimits, ...changed }
  const connectWithin = limits.firstItemWithin > limits.valueWithin ? limits.firstItemWithin : limits.valueWithin
  const dispatcher = openDispatcher(api, { connectWithin })

  const send = async (request: HttpRequest, deadline: Deadline, words: string): Promise<Answer> => {
    const { method } = request
    const query = new URLSearchParams(request.query).toString()
    const headers = api.auth === undefined ? {} : { authorization: await authorization(api.auth) }
    try {
      const path = query === '' ? request.path : `${request.path}?${query}`
      const response = await requestUntil(dispatcher, { method, path, headers }, deadline.signal)
      return new Answer(response, { request: words, deadline })
    } catch (cause) {
      deadline.throwIfOver()
      throw connectionFailure(api, words, cause)
    }
  }

  return {
    async value(request, parse, signal) {
      const words = describe(api, request)
      using deadline = new Deadline(signal)
      const within = milliseconds(Math.min(request.within ?? limits.valueWithin, limits.valueWithin))
      deadline.start(within, () => silent(words, within))
      const answer = await send(request, deadline, words)
      try {
        await refuseAnswer(answer, { api, says: dialect.says })
        if (answer.status === 204) return parse(undefined, words)
        const brokenOff = (cause: unknown) =>
          new PeerUnreachable(`${words} broke off in the middle of its answer`, { cause })
        return parse(await answer.text(limits.valueBytes, brokenOff), words)
      } finally {
        answer.discard()
      }
    },

    async *list(request, parse, signal) {
      const words = describe(api, request)
      using deadline = new Deadline(signal)
      deadline.start(limits.firstItemWithin, () => silent(words, limits.firstItemWithin))
      const answer = await send(request, deadline, words)
      try {
        await refuseAnswer(answer, { api, says: dialect.says })
        if (answer.status === 204) return
        const { nextItemWithin, lineBytes } = limits
        yield* readList(answer, { parse, deadline, nextItemWithin, lineBytes, endTrailer: dialect.endTrailer })
      } finally {
        answer.discard()
      }
    },

    close: async () => dispatcher.destroy(),
  }
}

/** A request as people read it: `GET http://127.0.0.1:9094/pins?local=true`. */
function describe(api: Api, { method, path, query = {} }: HttpRequest): string {
  const text = Object.entries(query)
    .map(([key, value]) => `${key}=${value}`)
    .join('&')
  const base = api.url.startsWith('unix:') ? `${api.url} ` : api.url.replace(/\/$/, '')
  return `${method} ${base}${path}${text === '' ? '' : `?${text}`}`
}

const silent = (words: string, waited: Duration) =>
  new PeerSilent(`${words} was not answered within ${waited / 1000} s`)
