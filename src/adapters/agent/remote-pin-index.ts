import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import {
  AllocationAnswer,
  ExceptionsAnswer,
  maxBuckets,
  NodesAnswer,
  PinAnswer,
  pinPath,
  type PinQuestion,
  RecordsAnswer,
  RefreshAnswer,
  StreamEnd,
} from '../../api/pin-index.ts'
import { OpsError, UnexpectedOutput } from '../../domain/errors.ts'
import { packGroups, type PackedGroups } from '../../domain/pins/packed-groups.ts'
import { PinGroup } from '../../domain/pins/pin-group.ts'
import type { PinRecord } from '../../domain/pins/indexed-pin.ts'
import { PinsetSummary } from '../../domain/pins/pinset-summary.ts'
import type { PinIndex } from '../../domain/ports/pin-index.ts'
import { ask } from './ask.ts'
import { askLines } from './ask-lines.ts'
import type { Reach } from './reach.ts'

/** The lists were to be read anew, and could not be. */
export class RefreshFailed extends OpsError {
  readonly remedy = 'retry'
}

/** The lists were read anew again and again while something was asked of one reading. */
export class ReadMeanwhile extends OpsError {
  readonly remedy = 'retry'
}

const askAgainAfter = 500
/** How often a reading is asked again that another has replaced meanwhile. */
const mostTries = 3

/** The pin index of one store, as its agent has it. */
export function remotePinIndex(reach: Reach, store: string): PinIndex {
  const get = <T extends z.ZodType>(
    schema: T,
    question: PinQuestion,
    signal: AbortSignal | undefined,
    query: Record<string, string> = {},
    body?: unknown,
  ): Promise<z.infer<T>> => {
    const text = new URLSearchParams(query).toString()
    const path = `${pinPath(store, question)}${text === '' ? '' : `?${text}`}`
    return reach(
      (route, needed) => ask(route, schema, { path, signal, ...(body === undefined ? {} : { body }), ...needed }),
      signal,
    )
  }
  const summary = (signal?: AbortSignal) => get(PinsetSummary, 'summary', signal)

  async function* packedGroups(signal?: AbortSignal): AsyncGenerator<PackedGroups> {
    for await (const group of index.groups(signal)) yield packGroups([group])
  }

  const index: PinIndex = {
    summary,

    async snapshot(use, signal) {
      // An agent keeps none for an asker: it is the same one where it is so before and after.
      let before = await summary(signal)
      for (let tries = 0; tries < mostTries; tries += 1) {
        const found = await use({ ...index, summary: before, packedGroups })
        const after = await summary(signal)
        if (after.readAt === before.readAt) return found
        before = after
      }
      throw new ReadMeanwhile(`the lists of ${store} were read anew while they were asked`)
    },

    async *groups(signal) {
      const lines = await reach(
        (route, needed) => askLines(route, { path: pinPath(store, 'groups'), signal, ...needed }),
        signal,
      )
      let count = 0
      for await (const line of lines) {
        const value: unknown = JSON.parse(line)
        const end = StreamEnd.safeParse(value)
        if (end.success) {
          if (end.data.end !== count) throw new UnexpectedOutput(`${count} groups came of ${end.data.end}`, line)
          return
        }
        yield PinGroup.parse(value)
        count += 1
      }
      throw new UnexpectedOutput(`the groups of pins ended early, after ${count}`, '')
    },

    async *exceptions(kind, signal) {
      for (let from: number | null = 0; from !== null;) {
        const query = { from: String(from), ...(kind === undefined ? {} : { kind }) }
        const page: z.infer<typeof ExceptionsAnswer> = await get(ExceptionsAnswer, 'exceptions', signal, query)
        yield* page.exceptions
        from = page.next
      }
    },

    async nodes(level, prefixes, signal) {
      const query = { level: String(level), ...(level === 1 ? {} : { prefixes: prefixes.join(',') }) }
      if (level === 2 && prefixes.length === 0) return []
      const { nodes } = await get(NodesAnswer, 'nodes', signal, query)
      return nodes.map(({ parent, sums }) => {
        const hex = Buffer.from(sums, 'base64').toString('hex')
        return { parent, sums: Array.from({ length: 256 }, (_, child) => hex.slice(child * 16, child * 16 + 16)) }
      })
    },

    async records(buckets, signal) {
      const all: PinRecord[] = []
      for (let from = 0; from < buckets.length; from += maxBuckets) {
        const some = buckets.slice(from, from + maxBuckets).join(',')
        all.push(...(await get(RecordsAnswer, 'records', signal, { buckets: some })).records)
      }
      return all
    },

    pin: async (cid, signal) => (await get(PinAnswer, 'pin', signal, { cid })).pin ?? undefined,

    allocation: async (cid, signal) => (await get(AllocationAnswer, 'allocation', signal, { cid })).pin ?? undefined,

    async refresh(signal) {
      let progress = await get(RefreshAnswer, 'refresh', signal, {}, {})
      while (progress.isRunning) {
        await sleep(askAgainAfter, undefined, signal === undefined ? {} : { signal })
        progress = await get(RefreshAnswer, 'refresh', signal)
      }
      if (progress.failure !== null) throw new RefreshFailed(progress.failure)
      return summary(signal)
    },
  }
  return index
}
