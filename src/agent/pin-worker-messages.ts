import { z } from 'zod'
import { LocalStore } from '../domain/fleet.ts'
import { NotPermitted, OpsError, Stuck, UnexpectedOutput, Unreachable } from '../domain/errors.ts'
import type { Trouble } from '../domain/observation.ts'
import { Duration, type Instant, Share } from '../domain/units.ts'
import { troubleOf } from '../observe/trouble.ts'

// What is said between the agent and the thread that makes its pin indexes. Errors do not pass from thread to thread with
// their class, by which alone they are judged: they are packed.

/** What the thread is started with. */
export const PinWorkerData = z.object({
  folder: z.string(),
  stores: z.array(LocalStore),
  share: Share,
  /** 0: never. */
  walkEvery: Duration,
})
export type PinWorkerData = z.infer<typeof PinWorkerData>

/** To the thread. */
export const PinOrder = z.discriminatedUnion('order', [
  z.object({ order: z.literal('refresh'), store: z.string() }),
  z.object({ order: z.literal('end') }),
])
export type PinOrder = z.infer<typeof PinOrder>

/** From the thread: how the last reading of the lists of a store went. */
export interface PinNews {
  store: string
  isRunning: boolean
  /** Because somebody asked for it, and not because it was time. */
  isHurried: boolean
  failure: PackedError | null
}

export type PackedError = Pick<Trouble, 'kind' | 'message' | 'hint' | 'raw'>

export function packError(error: unknown, at: Instant): PackedError {
  const { kind, message, hint, raw } = troubleOf(error, at, null)
  return { kind, message, ...(hint === undefined ? {} : { hint }), ...(raw === undefined ? {} : { raw }) }
}

/** The lists of a store could not be read to their end. */
class ReadingFailed extends OpsError {
  readonly remedy = 'retry'
}

export function unpackError({ kind, message, hint = '', raw = '' }: PackedError): Error {
  switch (kind) {
    case 'unreachable':
      return new Unreachable(message)
    case 'not-understood':
      return new UnexpectedOutput(message, raw)
    case 'not-permitted':
      return new NotPermitted(message, hint)
    case 'stuck':
      return new Stuck(message)
    case 'failed':
    case 'missing-program':
      return new ReadingFailed(message)
    default:
      return kind satisfies never
  }
}
