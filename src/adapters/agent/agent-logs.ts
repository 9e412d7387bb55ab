import type { Agent, IncomingMessage } from 'node:http'
import { ApiError } from '../../api/agent.ts'
import { LogLine, logsPath, longestSilenceMs } from '../../api/logs.ts'
import { UnexpectedOutput, Unreachable } from '../../domain/errors.ts'
import type { SecretRef } from '../../domain/fleet.ts'
import type { LogItem, LogQuery } from '../../domain/logs/log.ts'
import type { Logs } from '../../domain/ports/logs.ts'
import { request } from '../http/node-http.ts'
import { cutLines } from '../system/lines-exec.ts'
import { readSecret } from '../system/secrets.ts'
import { parseAnswer } from './answer-text.ts'
import { Refused, type Route } from './ask.ts'
import { SshConnections, type SshTarget } from './ssh.ts'

/** Longest line of an agent's logs: a message of 8 Ki characters, each escaped. */
const lineBytes = 256 * 1024

/** The logs of a host by its agent, on a unix socket of this machine. */
export function socketLogs(socketPath: string, token: SecretRef | undefined): Logs {
  return {
    async *read(query, signal) {
      const secret = token === undefined ? undefined : await readSecret(token)
      yield* readLines({ socketPath }, query, secret, signal)
    },
  }
}

/**
 * The logs of a host by its agent, behind SSH. Each reading has a connection of its own, ended with it: one that is kept
 * for questions carries one answer at a time, and this answer can last for days.
 */
export function sshLogs(target: SshTarget): Logs {
  return {
    async *read(query, signal) {
      const connections = new SshConnections(target)
      try {
        yield* readLines({ connections }, query, undefined, signal)
      } catch (error) {
        if (!(error instanceof Unreachable) || signal.aborted) throw error
        throw new Refused((await connections.failure(error)).error)
      } finally {
        connections.close()
      }
    },
  }
}

/** The items as they come. An answer that is silent, or that stops without its last line, throws Unreachable. */
async function* readLines(
  route: Route,
  query: LogQuery,
  token: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<LogItem, void, undefined> {
  const called = new AbortController()
  const ended = AbortSignal.any([signal, called.signal])
  try {
    const answer = await inTime(open(route, logsPath(query), token, ended), called)
    const lines = cutLines(answer, lineBytes)
    for (;;) {
      const { done, value } = await inTime(lines.next(), called)
      if (done === true) throw new Unreachable('the logs broke off: their end did not come')
      const line = LogLine.safeParse(value.isCut ? undefined : parseAnswer(value.text, '/v1/logs'))
      if (!line.success) throw new UnexpectedOutput('a line of the logs is not of our contract', value.text)
      if (line.data.kind === 'failed') throw new Refused(line.data.error)
      yield line.data
      if (line.data.kind === 'end') return
    }
  } catch (error) {
    if (error instanceof Unreachable || error instanceof UnexpectedOutput || error instanceof Refused) throw error
    throw new Unreachable('the logs broke off', { cause: error })
  } finally {
    called.abort()
  }
}

/** The time counts only while we wait for the other side: a reader of ours may take as long as it likes. */
async function inTime<T>(promise: Promise<T>, call: AbortController): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Unreachable(`no sign of life for ${longestSilenceMs / 1000} s`)
      reject(error)
      call.abort(error)
    }, longestSilenceMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

async function open(
  route: Route,
  path: string,
  token: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const via: { socketPath: string } | { agent: Agent } =
    'socketPath' in route ? { socketPath: route.socketPath } : { agent: route.connections }
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request({ ...via, host: 'agent', path, headers, signal }, resolve)
    outgoing.on('error', (error) => reject(new Unreachable('no answer to the question for logs', { cause: error })))
    outgoing.on('close', () => reject(new Unreachable('the connection was closed without an answer')))
    outgoing.end()
  })
  // Called off in the middle, it must not end this process.
  answer.on('error', () => undefined)
  if (answer.statusCode === 200) return answer
  let text = ''
  for await (const { text: line } of cutLines(answer, lineBytes)) if (text.length < lineBytes) text += line
  const refusal = ApiError.safeParse(parseAnswer(text, path))
  if (refusal.success) throw new Refused(refusal.data.error)
  throw new UnexpectedOutput(`${path} answered with status ${answer.statusCode}`, text)
}
