import { setTimeout as sleep } from 'node:timers/promises'
import { FeedMessage } from '../api/operator-nouns.ts'
import { type Duration, seconds } from '../domain/units.ts'
import type { FeedEntry } from '../domain/ports/feed.ts'
import type { Engine } from '../engine/engine.ts'
import type { EngineNotice } from '../engine/live.ts'
import type { FollowedFeed } from './parts.ts'

/** Proxies and firewalls drop what is silent for a minute. */
const beat = seconds(15)

/** Read from the store at once. */
const pageSize = 200

/** Of so many steps, the newest progress waits for a reader; of the rest, nothing. */
const maxWaiting = 500

export interface EventsRequest {
  lastId: string | undefined
  /** Asked before each page of what happened, and at each heartbeat: a token that was revoked meanwhile is told nothing more. */
  isStillAllowed: () => Promise<boolean>
  signal: AbortSignal
}

/**
 * The events for one reader, as Server-Sent Events. Runs come from the store's feed, by the reader's own place in it: one
 * that is slow, or was away, misses none while they are kept. Progress is not kept; of each step only the newest waits,
 * so that a reader who does not read holds little. What is lost is told.
 */
export async function eventStream(
  { feed, engine }: { feed: FollowedFeed; engine: Pick<Engine, 'subscribe'> },
  { lastId, signal, isStillAllowed }: EventsRequest,
  { heartbeat = beat }: { heartbeat?: Duration } = {},
): Promise<ReadableStream<Uint8Array>> {
  const newest = await feed.newest()
  const asked = lastId !== undefined && /^\d{1,15}$/.test(lastId) ? Number(lastId) : undefined
  // An id from the future is of another store, or of one that was restored.
  const isForeign = lastId !== undefined && (asked === undefined || asked > newest)
  const from = isForeign ? newest : (asked ?? newest)
  const messages = follow(feed, engine, { from, isForeign, isStillAllowed, signal, heartbeat })
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await messages.next()
        if (done === true) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
      cancel: async () => void (await messages.return(undefined)),
    },
    // One message ahead of the reader, no more: what waits, waits in the store.
    { highWaterMark: 1 },
  )
}

async function* follow(
  feed: FollowedFeed,
  engine: Pick<Engine, 'subscribe'>,
  options: Omit<EventsRequest, 'lastId'> & { from: number; isForeign: boolean; heartbeat: Duration },
): AsyncGenerator<string, undefined, undefined> {
  const waiting = new Map<string, Extract<EngineNotice, { kind: 'progress' }>>()
  let dropped = 0
  let wake = new AbortController()
  let hasNews = true
  const endings = [
    feed.onFeed(() => {
      hasNews = true
      wake.abort()
    }),
    engine.subscribe((notice) => {
      if (notice.kind !== 'progress') return
      const key = `${notice.run} ${notice.progress.step}`
      if (waiting.has(key) || waiting.size < maxWaiting) waiting.set(key, notice)
      else dropped += 1
      wake.abort()
    }),
  ]
  const stop = () => wake.abort()
  options.signal.addEventListener('abort', stop)
  let place = options.from
  let askAgainAt = 0
  try {
    // The answer begins at once, and not with the first event.
    yield ': hello\n\n'
    if (options.isForeign) yield text({ kind: 'lost', says: 'that id is of another store: ask for the whole anew' })
    while (!options.signal.aborted) {
      wake = new AbortController()
      if (hasNews || performance.now() >= askAgainAt) {
        if (!(await options.isStillAllowed())) return undefined
        askAgainAt = performance.now() + options.heartbeat
      }
      if (hasNews) {
        hasNews = false
        const { entries, isGap } = await feed.after(place, pageSize)
        if (isGap) {
          yield text({ kind: 'lost', says: `some events after ${place} are not kept any more: ask for the whole anew` })
        }
        for (const entry of entries) {
          yield text(messageOf(entry), entry.sequence)
          place = entry.sequence
        }
        if (entries.length === pageSize) hasNews = true
      }
      if (dropped > 0) {
        yield text({ kind: 'lost', says: `progress of ${dropped} steps was not told: this reader is too slow` })
        dropped = 0
      }
      for (const [key, { run, progress }] of waiting) {
        waiting.delete(key)
        yield text({ kind: 'progress', run, ...progress })
      }
      if (hasNews || waiting.size > 0) continue
      const slept = await sleep(options.heartbeat, true, { signal: wake.signal }).catch(() => false)
      if (slept) yield ': still here\n\n'
    }
    return undefined
  } finally {
    options.signal.removeEventListener('abort', stop)
    for (const end of endings) end()
  }
}

/** What is kept of a run is what is told of it; all else goes on as it is. */
function messageOf({ kind, run, at, body }: FeedEntry): FeedMessage {
  if (kind === 'run') {
    const told = FeedMessage.safeParse(Object.assign({ kind, run, at }, body))
    if (told.success) return told.data
  }
  return { kind: 'other', about: kind, at, body }
}

const text = (message: FeedMessage, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`
