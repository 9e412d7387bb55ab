import type { PinIndex } from '../ports/pin-index.ts'
import { differingChildren, type NodeSums } from './digest-tree.ts'

/** How many nodes of level 1 are asked for at once: their children are 2 KiB each. */
const prefixesAtOnce = 64

/**
 * The CIDs on which some indexes do not agree, at most `most`; nothing is fetched but what lies on the way to them. `isCut`:
 * there are more.
 */
export async function findDifferences(
  indexes: readonly PinIndex[],
  { most, signal }: { most: number; signal?: AbortSignal | undefined },
): Promise<{ cids: string[]; isCut: boolean }> {
  const roots = await Promise.all(indexes.map((index) => index.nodes(1, [], signal)))
  const prefixes = differing(roots.map(([root]) => root))
  const buckets: number[] = []
  for (let from = 0; from < prefixes.length && buckets.length <= most; from += prefixesAtOnce) {
    const some = prefixes.slice(from, from + prefixesAtOnce)
    const below = await Promise.all(indexes.map((index) => index.nodes(2, some, signal)))
    for (const prefix of some) {
      const nodes = below.map((answer) => answer.find(({ parent }) => parent === prefix))
      buckets.push(...differing(nodes).map((child) => prefix * 256 + child))
    }
  }
  const asked = buckets.slice(0, most)
  const records = await Promise.all(indexes.map((index) => index.records(asked, signal)))
  const digests = new Map<string, string[]>()
  for (const some of records) {
    for (const { cid, digest } of some) digests.set(cid, [...(digests.get(cid) ?? []), digest])
  }
  const cids = [...digests]
    .filter(([, told]) => told.length < indexes.length || new Set(told).size > 1)
    .map(([cid]) => cid)
  return { cids: cids.slice(0, most), isCut: buckets.length > most || cids.length > most }
}

/** The children that are not the same in all of some nodes. */
function differing([first, ...others]: readonly (NodeSums | undefined)[]): number[] {
  if (first === undefined) return []
  const found = new Set(others.flatMap((other) => (other === undefined ? [] : differingChildren(first, other))))
  return [...found].toSorted((a, b) => a - b)
}
