import { setImmediate as turn } from 'node:timers/promises'

/** How many items go by between two rests: some milliseconds of work. */
const itemsBetweenRests = 16_384

/**
 * For long lists: called once an item, and awaited where it gives a promise, so that everything else in this process gets
 * its turn.
 */
export function createRests(): () => Promise<void> | undefined {
  let left = itemsBetweenRests
  return () => {
    left -= 1
    if (left > 0) return undefined
    left = itemsBetweenRests
    return turn()
  }
}
