import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'

/** One value in a tree of plain data that has become another one; a side is missing where there was none, or is none. */
export const Change = z.object({
  path: z.array(z.string()),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
})
export type Change = z.infer<typeof Change>

/** What differs between two trees, as deep down as can be told. */
export function changesBetween(before: unknown, after: unknown, path: string[] = []): Change[] {
  if (isDeepStrictEqual(before, after)) return []
  if (!isTree(before) || !isTree(after)) return [{ path, before, after }]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) => changesBetween(Reflect.get(before, key), Reflect.get(after, key), [...path, key]))
}

/** Puts back what was changed in a tree. What somebody else has changed since stays as it is. */
export function undo(tree: object, changes: readonly Change[]): void {
  for (const { path, before, after } of changes.toReversed()) {
    const holder = path.slice(0, -1).reduce<unknown>((at, key) => (isTree(at) ? Reflect.get(at, key) : undefined), tree)
    if (!isTree(holder)) continue
    // What was added to a list may have moved in it.
    const isAdded = Array.isArray(holder) && before === undefined
    const key = isAdded ? String(holder.findIndex((item) => isDeepStrictEqual(item, after))) : (path.at(-1) ?? '')
    if (!isDeepStrictEqual(Reflect.get(holder, key), after)) continue
    if (isAdded) holder.splice(Number(key), 1)
    else if (before === undefined) Reflect.deleteProperty(holder, key)
    else Reflect.set(holder, key, before)
  }
}

const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null
