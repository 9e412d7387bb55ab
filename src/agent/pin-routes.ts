import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { apiError } from '../api/agent.ts'
import {
  type AllocationAnswer,
  type ExceptionsAnswer,
  exceptionsAtOnce,
  maxBuckets,
  type NodesAnswer,
  type PinAnswer,
  pinPath,
  type PinQuestion,
  type RecordsAnswer,
  type RefreshAnswer,
} from '../api/pin-index.ts'
import { explain, OpsError } from '../domain/errors.ts'
import { type PinException, PinExceptionKind } from '../domain/pins/pinset-summary.ts'
import type { PinIndex } from '../domain/ports/pin-index.ts'

/** The pin index of a store as the agent has it: with what must not keep an asker waiting. */
export interface ServedPinIndex extends PinIndex {
  /** Begins to read the lists anew, unless that is being done. */
  begin(): void
  progress(): z.infer<typeof RefreshAnswer>
}

/** A question that is not of the contract. */
class BadQuestion extends OpsError {
  readonly remedy = 'stop'
}

const numbers = (most: number, greatest: number) =>
  z
    .string()
    .regex(/^\d+(,\d+)*$/)
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.int().min(0).max(greatest)).max(most))

function read<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const result = schema.safeParse(value)
  if (!result.success) throw new BadQuestion(`${what}: ${z.prettifyError(result.error)}`)
  return result.data
}

const cidOf = (query: (name: string) => string | undefined): string =>
  read(z.string().regex(/^[\w=+/-]{1,4096}$/), query('cid'), 'cid is the CID of a pin')

/** Adds the routes of the pin indexes of this host. */
export function addPinRoutes(app: Hono, indexOf: (store: string) => ServedPinIndex | undefined): void {
  const route = (
    question: PinQuestion,
    answer: (
      index: ServedPinIndex,
      query: (name: string) => string | undefined,
      signal: AbortSignal,
    ) => Promise<unknown>,
    method: 'GET' | 'POST' = 'GET',
  ) => {
    app.on(method, pinPath(':store', question).replace('%3A', ':'), async (context: Context) => {
      const store = context.req.param('store') ?? ''
      const index = indexOf(store)
      if (index === undefined) {
        return context.json(
          apiError(
            'not-found',
            `this agent keeps no pin index of a store ${store}`,
            'declare the store with its clusterApi in /etc/tiercel/agent.yaml, and restart the agent',
          ),
          404,
        )
      }
      try {
        const given = await answer(index, (name) => context.req.query(name), context.req.raw.signal)
        return given instanceof Response ? given : context.json(given ?? null)
      } catch (error) {
        if (error instanceof BadQuestion) return context.json(apiError('bad-request', error.message), 400)
        return context.json(apiError('failed', explain(error)), 503)
      }
    })
  }

  route('summary', (index, _query, signal) => index.summary(signal))
  route('nodes', async (index, query, signal) => {
    const level = read(z.enum(['1', '2']), query('level'), 'level is 1 or 2') === '1' ? 1 : 2
    const prefixes = level === 1 ? [] : read(numbers(256, 255), query('prefixes'), 'prefixes are 0 to 255, with commas')
    const nodes = await index.nodes(level, prefixes, signal)
    return {
      nodes: nodes.map(({ parent, sums }) => ({ parent, sums: Buffer.from(sums.join(''), 'hex').toString('base64') })),
    } satisfies z.infer<typeof NodesAnswer>
  })
  route('records', async (index, query, signal) => {
    const what = `buckets are 0 to 65535, with commas, at most ${maxBuckets}`
    const records = await index.records(read(numbers(maxBuckets, 65_535), query('buckets'), what), signal)
    return { records } satisfies z.infer<typeof RecordsAnswer>
  })
  route('exceptions', async (index, query, signal) => {
    const kind = read(PinExceptionKind.optional(), query('kind'), 'kind is one of those of an exception')
    const from = Number(
      read(
        z
          .string()
          .regex(/^\d{1,9}$/)
          .default('0'),
        query('from'),
        'from is a number',
      ),
    )
    const page: PinException[] = []
    let at = 0
    let next: number | null = null
    for await (const exception of index.exceptions(kind, signal)) {
      if (at >= from + exceptionsAtOnce) {
        next = at
        break
      }
      if (at >= from) page.push(exception)
      at += 1
    }
    return { exceptions: page, next } satisfies z.infer<typeof ExceptionsAnswer>
  })
  route('groups', async (index, _query, signal) => streamed(index.groups(signal)))
  route('pin', async (index, query, signal) => {
    return { pin: (await index.pin(cidOf(query), signal)) ?? null } satisfies z.infer<typeof PinAnswer>
  })
  route('allocation', async (index, query, signal) => {
    return { pin: (await index.allocation(cidOf(query), signal)) ?? null } satisfies z.infer<typeof AllocationAnswer>
  })
  route('refresh', async (index) => index.progress())
  route(
    'refresh',
    async (index) => {
      index.begin()
      return index.progress()
    },
    'POST',
  )
}

/** About so much is sent at once. */
const pieceLength = 16 * 1024

/** One JSON value a line, and how many there were at the end: a stream without that line is not whole. */
function streamed(items: AsyncIterable<unknown>): Response {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder()
    let text = ''
    let count = 0
    for await (const item of items) {
      text += `${JSON.stringify(item)}\n`
      count += 1
      if (text.length < pieceLength) continue
      yield encoder.encode(text)
      text = ''
    }
    yield encoder.encode(`${text}${JSON.stringify({ end: count })}\n`)
  }
  const bytes = pieces()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await bytes.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    cancel: async () => void (await bytes.return(undefined)),
  })
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } })
}
