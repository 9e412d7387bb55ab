import { ApiError } from '../../api/agent.ts'
import { UnexpectedOutput, Unreachable } from '../../domain/errors.ts'
import { request } from '../http/node-http.ts'
import { lineSplitter } from '../http/split-lines.ts'
import { parseAnswer } from './answer-text.ts'
import { type Question, Refused, type Route } from './ask.ts'

/** No line of ours is nearly as long. */
const lineBytes = 1024 * 1024

/**
 * One request to an agent or executor whose answer is a stream of lines. Resolves when the answer has begun; throws as `ask` does. A
 * stream that breaks off throws {@link Unreachable}.
 */
export function askLines(
  route: Route,
  { path, body, token, headers, signal }: Question,
): Promise<AsyncIterable<string>> {
  const sent = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...('socketPath' in route ? { socketPath: route.socketPath } : { agent: route.connections }),
        host: 'agent',
        path,
        method: sent === undefined ? 'GET' : 'POST',
        headers: {
          ...headers,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(signal === undefined ? {} : { signal }),
      },
      (incoming) => {
        if (incoming.statusCode === 200) {
          resolve(linesOf(incoming, path))
          return
        }
        void refusal(incoming, path).then(reject, reject)
      },
    )
    outgoing.on('error', (error) => {
      reject(new Unreachable(`no answer to ${path}`, { cause: signal?.aborted === true ? signal.reason : error }))
    })
    outgoing.end(sent)
  })
}

async function* linesOf(incoming: AsyncIterable<Buffer>, path: string): AsyncGenerator<string, void, undefined> {
  const splitter = lineSplitter({ lineBytes })
  try {
    for await (const chunk of incoming) yield* splitter.push(chunk)
  } catch (error) {
    if (error instanceof UnexpectedOutput) throw error
    throw new Unreachable(`the answer to ${path} broke off`, { cause: error })
  }
  const rest = splitter.rest()
  if (rest !== '') throw new UnexpectedOutput(`the answer to ${path} ended in the middle of a line`, rest)
}

/** The words of a refusal are short. */
const longestRefusal = 64 * 1024

async function refusal(incoming: AsyncIterable<Buffer>, path: string): Promise<Error> {
  let text = ''
  for await (const chunk of incoming) {
    text += chunk.toString('utf8')
    if (text.length > longestRefusal) break
  }
  const read = ApiError.safeParse(parseAnswer(text, path))
  return read.success ? new Refused(read.data.error) : new UnexpectedOutput(`${path} was refused`, text)
}
