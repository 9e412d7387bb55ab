/** How many items go by between two rests: some milliseconds of work. */
const itemsBetweenRests = 16_384

/** The same items; everything else in this process gets its turn now and then, so that a long list keeps nobody waiting. */
export async function* withRests<T>(items: Iterable<T>): AsyncGenerator<T> {
  let left = itemsBetweenRests
  for (const item of items) {
    yield item
    left -= 1
    if (left > 0) continue
    left = itemsBetweenRests
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
