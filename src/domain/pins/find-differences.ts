import type { PinReadings } from '../ports/pin-index.ts'
import { differingChildren, type NodeSums } from './digest-tree.ts'

/** How many nodes of level 1 are asked for at once: their children are 2 KiB each. */
const prefixesAtOnce = 64

/** A pin on which some indexes do not agree. */
export interface PinDifference {
  cid: string
  /** What each of them has, by its digest; undefined where it has none such. */
  digests: (string | undefined)[]
}

/**
 * The pins on which some indexes do not agree, at most `most`; nothing is fetched but what lies on the way to them. `isCut`:
 * there are more.
 */
export async function findDifferences(
  indexes: readonly Pick<PinReadings, 'nodes' | 'records'>[],
  { most, signal }: { most: number; signal?: AbortSignal | undefined },
): Promise<{ differences: PinDifference[]; isCut: boolean }> {
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
  const found = new Map<string, (string | undefined)[]>()
  for (const [index, some] of records.entries()) {
    for (const { cid, digest } of some) {
      const digests = found.get(cid) ?? indexes.map(() => undefined)
      digests[index] = digest
      found.set(cid, digests)
    }
  }
  const differences = [...found].flatMap(([cid, digests]) => (new Set(digests).size > 1 ? [{ cid, digests }] : []))
  return { differences: differences.slice(0, most), isCut: buckets.length > most || differences.length > most }
}

/** The children that are not the same in all of some nodes. */
function differing([first, ...others]: readonly (NodeSums | undefined)[]): number[] {
  if (first === undefined) return []
  const found = new Set(others.flatMap((other) => (other === undefined ? [] : differingChildren(first, other))))
  return [...found].toSorted((a, b) => a - b)
}
