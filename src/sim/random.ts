/** Where a generator stands: one 32-bit number, so that it can be stored with the world and go on from there. */
export interface RandomState {
  random: number
}

/** The next number of the stream, 0 ≤ n < 1 (mulberry32: small, and the same on every machine). */
export function nextShare(state: RandomState): number {
  return nextWord(state) / 2 ** 32
}

/** The next 32 bits of the stream. */
export function nextWord(state: RandomState): number {
  state.random = (state.random + 0x6d2b79f5) >>> 0
  let word = state.random
  word = Math.imul(word ^ (word >>> 15), word | 1)
  word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
  return (word ^ (word >>> 14)) >>> 0
}

/** A whole number between the two, both included. */
export function nextBetween(state: RandomState, least: number, most: number): number {
  return least + Math.floor(nextShare(state) * (most - least + 1))
}

export function nextBytes(state: RandomState, count: number): number[] {
  return Array.from({ length: count }, () => nextWord(state) >>> 24)
}

/** The list in another order; the given one stays as it is. */
export function shuffled<T>(state: RandomState, list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, key: nextWord(state) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
