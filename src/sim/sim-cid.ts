// CIDs made by function. The first 32 bits of a CID's hash carry the number of its pin through a keyed bijection, so that
// a pin is found by its CID without a table; the other bits look like any hash.

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const letterCodes = Uint8Array.from(alphabet, (letter) => letter.charCodeAt(0))
const valueOf: ReadonlyMap<string, number> = new Map(Array.from(alphabet, (letter, value) => [letter, value]))

/** CIDv1, dag-pb, sha2-256, 32 bytes: what every such CID starts with. */
const header = 0x01_70_12_20
const length = 59
const scratch = Buffer.alloc(length)

/** 32 bits that depend on every bit of what goes in (the last step of MurmurHash3). */
export function mixed(word: number): number {
  let mix = word >>> 0
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return (mix ^ (mix >>> 16)) >>> 0
}

/** A share, 0 ≤ n < 1, of one number of one pin; `what` tells the numbers of a pin apart. */
export const shareOfIndex = (key: number, index: number, what: number): number =>
  mixed(mixed(key ^ Math.imul(what, 0x9e3779b1)) ^ index) / 2 ** 32

const rounds = [0x3c6ef372, 0xdaa66d2b, 0x78dde6e4, 0x1715609d]

/** A bijection of 32 bits: four rounds of a Feistel network. */
function scrambled(key: number, index: number): number {
  let left = index >>> 16
  let right = index & 0xffff
  for (const round of rounds) [left, right] = [right, left ^ (mixed(key ^ round ^ right) & 0xffff)]
  return ((left << 16) | right) >>> 0
}

function unscrambled(key: number, word: number): number {
  let left = word >>> 16
  let right = word & 0xffff
  for (const round of rounds.toReversed()) [left, right] = [right ^ (mixed(key ^ round ^ left) & 0xffff), left]
  return ((left << 16) | right) >>> 0
}

/** The CID of a pin by its number: 59 characters that start with `bafybei`. */
export function cidOfIndex(key: number, index: number): string {
  scratch[0] = 0x62 // b: base32 in lower case
  let at = 1
  let bits = 0
  let held = 0
  let word = header
  for (let position = 0; position < 9; position += 1) {
    if (position === 1) word = scrambled(key, index)
    else if (position > 1) word = mixed(word ^ key ^ Math.imul(position, 0x9e3779b1))
    // By halves: what is held never passes 21 bits.
    for (let shift = 16; shift >= 0; shift -= 16) {
      held = ((held & 0x1f) << 16) | ((word >>> shift) & 0xffff)
      bits += 16
      while (bits >= 5) {
        bits -= 5
        scratch[at] = letterCodes[(held >>> bits) & 31] ?? 0
        at += 1
      }
    }
  }
  scratch[at] = letterCodes[(held << (5 - bits)) & 31] ?? 0
  return scratch.toString('latin1')
}

/** The number of the pin that has this CID under this key; undefined for a CID that the function does not give. */
export function indexOfCid(key: number, cid: string): number | undefined {
  if (cid.length !== length) return undefined
  // The bits 32 to 63 lie in the letters 6 to 12, which hold the bits 30 to 64.
  let bits = 0
  for (let letter = 7; letter <= 13; letter += 1) {
    const value = valueOf.get(cid.charAt(letter))
    if (value === undefined) return undefined
    bits = bits * 32 + value
  }
  const index = unscrambled(key, Math.floor(bits / 2) % 2 ** 32)
  return cidOfIndex(key, index) === cid ? index : undefined
}
