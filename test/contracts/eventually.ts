/** Looks again and again, letting time pass between, until `isThere` holds; gives what was seen last. */
export async function eventually<T>(
  look: () => Promise<T>,
  { isThere, settle, turns = 100 }: { isThere: (seen: T) => boolean; settle: () => Promise<void>; turns?: number },
): Promise<T> {
  let seen = await look()
  for (let turn = 0; turn < turns && !isThere(seen); turn += 1) {
    await settle()
    seen = await look()
  }
  return seen
}
