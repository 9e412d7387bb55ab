import { z } from 'zod'

// A tree of sums over the digests of all pins: root → 256 → 65,536. A pin lies in the leaf that the first two bytes of its
// key name (`pin-key.ts`). A node is the sum of the pins below it, so it does not matter in which order they come, and two
// peers with the same pinset have the same sums. 128 bits: that two different pinsets give one sum by chance is out of the
// question; against somebody who can write pins at will and looks for it, it is not made.

/** Sums of the children of one node: 256 of them, 16 hex digits each (the lower half of a sum); zeros where nothing is. */
export const NodeSums = z.object({
  /** The parent: 0 to 255, or null for the root. */
  parent: z.int().min(0).max(255).nullable(),
  sums: z.array(z.string()).length(256),
})
export type NodeSums = z.infer<typeof NodeSums>

/** A sum modulo 2¹²⁸, in four words, lowest first. */
export type Sum = Uint32Array

export const emptySum = (): Sum => new Uint32Array(4)

/** Adds `other` to `sum`, in place. */
export function addSum(sum: Sum, other: Sum): void {
  let carry = 0
  for (let word = 0; word < 4; word += 1) {
    const total = (sum[word] ?? 0) + (other[word] ?? 0) + carry
    sum[word] = total
    carry = total > 0xffff_ffff ? 1 : 0
  }
}

/**
 * Adds one pin. The index keeps 64 bits of a pin's digest (`high`, `low`); the upper half of what is summed is these bits
 * mixed with themselves, so that two sums agree in both halves only if the same digests went into them.
 */
export function addPin(sum: Sum, high: number, low: number): void {
  const mixedLow = mix(low ^ mix(high))
  const mixedHigh = mix(high + 0x9e37_79b9 + mixedLow)
  let total = (sum[0] ?? 0) + low
  sum[0] = total
  total = (sum[1] ?? 0) + high + (total > 0xffff_ffff ? 1 : 0)
  sum[1] = total
  total = (sum[2] ?? 0) + mixedLow + (total > 0xffff_ffff ? 1 : 0)
  sum[2] = total
  sum[3] = (sum[3] ?? 0) + mixedHigh + (total > 0xffff_ffff ? 1 : 0)
}

/** A bijection of 32 bits in which every bit depends on every other (the finalizer of MurmurHash3). */
function mix(word: number): number {
  let bits = word >>> 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

const hexWord = (word: number | undefined): string => (word ?? 0).toString(16).padStart(8, '0')

/** 32 hex digits. */
export const sumText = (sum: Sum): string => hexWord(sum[3]) + hexWord(sum[2]) + hexWord(sum[1]) + hexWord(sum[0])

/** The lower half, 16 hex digits: what is sent of a node. */
export const halfSumText = (sum: Sum): string => hexWord(sum[1]) + hexWord(sum[0])

/** The children of `parent` that differ between two sides. */
export function differingChildren(one: NodeSums, other: NodeSums): number[] {
  return one.sums.flatMap((sum, child) => (sum === other.sums[child] ? [] : [child]))
}
