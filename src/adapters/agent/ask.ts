import type { Agent } from 'node:http'
import type { z } from 'zod'
import { ApiError } from '../../api/agent.ts'
import { OpsError, UnexpectedOutput, Unreachable } from '../../domain/errors.ts'
import { request } from '../http/node-http.ts'
import type { Signs } from './patience.ts'
import { maxAnswerBytes, parseAnswer, readAnswer } from './answer-text.ts'

/** How an agent or an executor is reached: a unix socket, or a connection that an HTTP agent opens. */
export type Route = { socketPath: string } | { connections: Agent }

/** The other side understood, and refused. */
export class Refused extends OpsError {
  readonly remedy = 'ask'
  readonly code: ApiError['error']['code']
  readonly hint: string | undefined

  constructor({ code, message, hint }: ApiError['error']) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

/** What is asked of the other side. */
export interface Question {
  path: string
  /** Sent as JSON, by POST. */
  body?: unknown
  token?: string
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
  /** Told when the connection stands. */
  connected?: (() => void) | undefined
  /** Told what is heard meanwhile. That a login is over: by 100 from the other side, by 102 from who keeps it. */
  signs?: Signs | undefined
}

/**
 * One request to an agent or executor, and its JSON answer by `schema`. Throws {@link Unreachable} when nobody answers,
 * {@link Refused} when it says no, {@link UnexpectedOutput} when the answer is not of the contract.
 */
export async function ask<T extends z.ZodType>(route: Route, schema: T, what: Question): Promise<z.infer<T>> {
  const { status, text } = await exchange(route, what)
  if (status === 200) return readAnswer(schema, text, what.path)
  const refusal = ApiError.safeParse(parseAnswer(text, what.path))
  if (refusal.success) throw new Refused(refusal.data.error)
  throw new UnexpectedOutput(`${what.path} answered with status ${status}`, text)
}

function exchange(
  route: Route,
  { path, body, token, headers, signal, connected, signs }: Question,
): Promise<{ status: number; text: string }> {
  const sent = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      const reason = signal?.aborted === true ? signal.reason : error
      reject(new Unreachable(`no answer to ${path}`, { cause: reason }))
    }
    const outgoing = request(
      {
        ...('socketPath' in route ? { socketPath: route.socketPath } : { agent: route.connections }),
        host: 'agent',
        path,
        method: sent === undefined ? 'GET' : 'POST',
        headers: {
          ...headers,
          ...(signs === undefined || 'socketPath' in route ? {} : { expect: '100-continue' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(sent === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
        },
        ...(signal === undefined ? {} : { signal }),
      },
      (incoming) => {
        signs?.answering()
        const chunks: Buffer[] = []
        let size = 0
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > maxAnswerBytes) outgoing.destroy(new Error(`the answer is longer than ${maxAnswerBytes} bytes`))
          else chunks.push(chunk)
        })
        incoming.on('error', fail)
        incoming.on('end', () => {
          if (!incoming.complete) fail(new Error('the answer ended early'))
          else resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })
        })
      },
    )
    outgoing.on('error', fail)
    if (connected !== undefined) {
      outgoing.once('socket', (socket) => {
        if (socket.connecting) socket.once('connect', connected)
        else connected()
      })
    }
    if (signs !== undefined) {
      outgoing.on('information', ({ statusCode }) => {
        if (statusCode === 100 || statusCode === 102) signs.there()
      })
    }
    // An answer of 101 brings neither a response nor an error.
    outgoing.on('close', () => fail(new Error('the connection was closed without an answer')))
    outgoing.end(sent)
  })
}
