import { setTimeout as sleep } from 'node:timers/promises'
import { type Duration, milliseconds } from '../domain/units.ts'

/** Takes the items of a list, at its own pace. */
export type Pace = <T>(list: AsyncIterable<T>) => AsyncIterable<T>

/** As fast as they come. */
export const unhurriedly: Pace = (list) => list

/** How long the list flows, and then rests. */
const spell = 50

export interface Gentleness {
  signal: AbortSignal
  /** The longest rest of one list, in sum. */
  most?: Duration
}

/**
 * Lets a list rest as long as it has flown, so that a peer spends at most half of its time on us while a list is read. For at
 * most two minutes a list: the Cluster cuts a whole listing of its Kubo off after `ipfs_request_timeout` (5 min), so that a list
 * cannot be stretched at will. What is left of the bound on the peer's time is kept between two readings.
 */
export function gently({ signal, most = milliseconds(120_000) }: Gentleness): Pace {
  return async function* rest(list) {
    let rested = 0
    let since = performance.now()
    let items = 0
    for await (const item of list) {
      yield item
      items += 1
      if (items % 64 !== 0 || rested >= most) continue
      const flown = performance.now() - since
      if (flown < spell) continue
      await sleep(flown, undefined, { signal })
      rested += flown
      since = performance.now()
    }
  }
}
