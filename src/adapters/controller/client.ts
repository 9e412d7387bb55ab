import { z } from 'zod'
import { FeedMessage, OperatorError } from '../../api/operator-nouns.ts'
import { type AnswerOf, eventsPath, operatorRoutes, type OperatorRoutes, type RouteName } from '../../api/operator.ts'
import { OpsError, type Remedy, UnexpectedOutput } from '../../domain/errors.ts'
import type { SecretRef } from '../../domain/fleet.ts'
import { type Duration, minutes, seconds } from '../../domain/units.ts'
import { Answer } from '../http/answer.ts'
import { connectionFailure } from '../http/connection-failure.ts'
import { Deadline } from '../http/deadline.ts'
import { openDispatcher, requestUntil } from '../http/dispatcher.ts'
import { PeerSilent, PeerUnreachable } from '../http/errors.ts'
import { lineSplitter } from '../http/split-lines.ts'
import { readSecret } from '../system/secrets.ts'

/** Where a controller listens, and with what it is spoken to. */
export interface ControllerAddress {
  /** `unix:/PATH`, `http://127.0.0.1:PORT` or `https://…`. */
  url: string
  token: SecretRef
  /** A file with the certificate authority of an https address. */
  ca?: string | undefined
}

/** The controller understood, and will not. */
export class ControllerRefused extends OpsError {
  readonly remedy: Remedy
  readonly status: number
  readonly code: string
  readonly hint: string | undefined
  readonly details: readonly string[]

  constructor(status: number, { code, message, hint, details = [] }: OperatorError['error']) {
    super(message)
    this.status = status
    this.code = code
    this.hint = hint
    this.details = details
    this.remedy = status === 503 ? 'retry' : status === 409 ? 'ask' : 'stop'
  }
}

/** What a request is given beside its name. */
export interface Given<Name extends RouteName> {
  params?: Readonly<Record<string, string>>
  query?: z.input<OperatorRoutes[Name]['query']>
  body?: z.input<OperatorRoutes[Name]['body']>
}

/** One event of the stream; `id` for what comes again after it. */
export interface FollowedEvent {
  id: string | undefined
  message: FeedMessage
}

/** A controller, as its callers on this machine reach it. */
export interface ControllerClient {
  readonly url: string
  /** Rejects with {@link ControllerRefused}, with PeerUnreachable when nobody answers. */
  ask<Name extends RouteName>(name: Name, given?: Given<Name>, signal?: AbortSignal): Promise<AnswerOf<Name>>
  /** What happens from now on, or from after an id; ends with an error when the connection breaks. */
  events(lastId: string | undefined, signal: AbortSignal): AsyncGenerator<FollowedEvent, void, undefined>
  close(): Promise<void>
}

/** A view of a thousand hosts is some hundred MiB. */
const maxAnswerBytes = 512 * 1024 * 1024
/** One event holds a run with its plan. */
const maxEventBytes = 16 * 1024 * 1024
const answerWithin = minutes(2)
const connectWithin = seconds(10)
/** The controller says something at least every 15 s. */
const silentFor = seconds(60)

export function controllerClient(address: ControllerAddress): ControllerClient {
  const { url, token } = address
  const api = { url, ca: address.ca }
  const dispatcher = openDispatcher(api, { connectWithin })

  const send = async (
    words: string,
    deadline: Deadline,
    request: { method: string; path: string; headers?: Record<string, string>; body?: string },
  ): Promise<Answer> => {
    const headers = {
      authorization: `Bearer ${await readSecret(token)}`,
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    }
    let answer: Answer
    try {
      const { method, path, body = null } = request
      const response = await requestUntil(dispatcher, { method, path, headers, body }, deadline.signal)
      answer = new Answer(response, { request: words, deadline })
    } catch (cause) {
      deadline.throwIfOver()
      throw connectionFailure(api, words, cause)
    }
    if (answer.status === 200) return answer
    const text = await answer.head()
    answer.discard()
    const refusal = OperatorError.safeParse(jsonOf(text))
    if (refusal.success) throw new ControllerRefused(answer.status, refusal.data.error)
    throw new UnexpectedOutput(`${words} answered with status ${answer.status}; is that a controller?`, text)
  }

  return {
    url,
    async ask(name, given = {}, signal) {
      const route = operatorRoutes[name]
      const words = `${route.method} ${route.path} of the controller at ${url}`
      using deadline = new Deadline(signal)
      deadline.start(answerWithin, silent(words, answerWithin))
      const answer = await send(words, deadline, {
        method: route.method,
        path: `${filled(route.path, given.params ?? {})}${queryText(given.query ?? {})}`,
        ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
      })
      try {
        const text = await answer.text(maxAnswerBytes, brokenOff(words))
        const read = route.answer.safeParse(jsonOf(text))
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema is that of the same name
        if (read.success) return read.data as AnswerOf<typeof name>
        throw new UnexpectedOutput(
          `${words} is not answered by our contract (${z.prettifyError(read.error).slice(0, 500)}): bring both to one release`,
          text,
        )
      } finally {
        answer.discard()
      }
    },

    async *events(lastId, signal) {
      const words = `GET ${eventsPath} of the controller at ${url}`
      using deadline = new Deadline(signal)
      const wait = () => deadline.start(silentFor, silent(words, silentFor))
      wait()
      const answer = await send(words, deadline, {
        method: 'GET',
        path: eventsPath,
        headers: { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': lastId }) },
      })
      try {
        const splitter = lineSplitter({ lineBytes: maxEventBytes })
        let id: string | undefined
        for await (const chunk of answer.chunks(brokenOff(words))) {
          wait()
          for (const line of splitter.push(chunk)) {
            if (line.startsWith('id: ')) {
              id = line.slice('id: '.length)
            } else if (line.startsWith('data: ')) {
              yield { id, message: FeedMessage.parse(jsonOf(line.slice('data: '.length))) }
              id = undefined
              wait()
            }
          }
        }
        throw new PeerUnreachable(`${words} has ended`)
      } finally {
        answer.discard()
      }
    },

    close: async () => dispatcher.destroy(),
  }
}

const silent = (words: string, waited: Duration) => () =>
  new PeerSilent(`${words} was not answered within ${waited / 1000} s`)

const brokenOff = (words: string) => (cause: unknown) =>
  new PeerUnreachable(`${words} broke off in the middle of its answer`, { cause })

const filled = (path: string, params: Readonly<Record<string, string>>): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))

function queryText(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' || typeof value === 'number' ? [[key, String(value)]] : [],
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UnexpectedOutput('the controller did not answer with JSON', text, { cause })
  }
}
