/** The same for each of some things, at most so many at once; what came of them, in their order. Rejects with the first that does. */
export async function fewAtOnce<T, U>(most: number, things: readonly T[], use: (thing: T) => Promise<U>): Promise<U[]> {
  const found: U[] = []
  const waiting = things.entries()
  const worker = async (): Promise<void> => {
    for (const [index, thing] of waiting) found[index] = await use(thing)
  }
  await Promise.all(Array.from({ length: most }, worker))
  return found
}
