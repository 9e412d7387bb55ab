import { z } from 'zod'
import { Pin } from '../domain/pinning.ts'
import { IndexedPin, PinRecord } from '../domain/pins/indexed-pin.ts'
import { PinException } from '../domain/pins/pinset-summary.ts'

// The part of an agent's HTTP contract that is about the pin index of one store: `/v1/pins/STORE/…`, everything but
// `refresh` by GET. Every answer is bounded but `groups`, which streams: one JSON value a line, the last one {"end": COUNT}.

export const pinPaths = {
  /** `PinsetSummary`. */
  summary: 'summary',
  /** `?level=1`, or `?level=2&prefixes=0,255`: `NodesAnswer`. */
  nodes: 'nodes',
  /** `?buckets=0,65535`, at most {@link maxBuckets}: `RecordsAnswer`. */
  records: 'records',
  /** `?kind=orphan&from=0`: `ExceptionsAnswer`. */
  exceptions: 'exceptions',
  groups: 'groups',
  /** `?cid=…`: `PinAnswer`. */
  pin: 'pin',
  /** `?cid=…`, asked of the Cluster peer now: `AllocationAnswer`. */
  allocation: 'allocation',
  /** POST begins to read the lists anew, at once; GET tells how far that is: `RefreshAnswer`. */
  refresh: 'refresh',
} as const
export type PinQuestion = keyof typeof pinPaths

export const pinPath = (store: string, question: PinQuestion): string =>
  `/v1/pins/${encodeURIComponent(store)}/${pinPaths[question]}`

/** How many leaves of the tree are given at once. */
export const maxBuckets = 1000
/** How many exceptions are given at once. */
export const exceptionsAtOnce = 500

/** The lower 64 bits of 256 sums, 8 bytes each, in base64: a third of what JSON would take. */
export const NodesAnswer = z.object({
  nodes: z.array(z.object({ parent: z.int().min(0).max(255).nullable(), sums: z.base64() })),
})

export const RecordsAnswer = z.object({ records: z.array(PinRecord) })

export const ExceptionsAnswer = z.object({
  exceptions: z.array(PinException),
  /** Where to go on; null at the end. */
  next: z.int().nonnegative().nullable(),
})

export const PinAnswer = z.object({ pin: IndexedPin.nullable() })

export const AllocationAnswer = z.object({ pin: Pin.nullable() })

export const RefreshAnswer = z.object({
  isRunning: z.boolean(),
  /** Why the last one failed; null when it did not. */
  failure: z.string().nullable(),
})

/** The last line of a stream: how many came before it. */
export const StreamEnd = z.strictObject({ end: z.int().nonnegative() })
