import { setTimeout as sleep } from 'node:timers/promises'
import type { Content } from '../domain/ports/content.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { type Duration, minutes } from '../domain/units.ts'
import { findDue, noteWalked } from './walk.ts'

/** How many copies are walked before the records are gone through again. */
const dueAtOnce = 500
/** Where nothing is due, or Kubo does not answer. */
const rest = minutes(1)

/**
 * Walks the copies of one store slowly, for ever, the one that waits the longest first, one at a time. Ends when the signal is
 * aborted. Kubo reads every block of a pin for it: `every` is the least time from one to the next.
 */
export async function walkForEver(options: {
  folder: string
  content: Pick<Content, 'complete'>
  clock: Pick<Clock, 'now'>
  every: Duration
  signal: AbortSignal
}): Promise<void> {
  const { folder, content, clock, every, signal } = options
  const pause = async (length: Duration) => sleep(length, undefined, { signal }).catch(() => undefined)
  while (!signal.aborted) {
    let due: ReturnType<typeof findDue> = []
    try {
      due = findDue(folder, dueAtOnce)
      for (const copy of due) {
        await pause(every)
        if (signal.aborted) return
        noteWalked(folder, copy, await content.complete(copy.cid, signal), clock.now())
      }
    } catch {
      // Kubo is away, or the index is: both are told by those who look at them. What was not walked goes on to wait.
      due = []
    }
    if (due.length === 0) await pause(rest)
  }
}
