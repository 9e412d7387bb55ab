import { decodeBase32, decodeBase58, encodeBase32, encodeBase58 } from './base-text.ts'

/** A CID whose hash has 32 bytes, taken apart: nearly every CID there is, in the text form that Cluster and Kubo print. */
export interface PlainCid {
  /** What stands before the hash (version, codec, hash function, length), 2 hex digits a byte: `01701220`. */
  prefix: string
  /** 32 bytes. */
  hash: Uint8Array
}

const hashBytes = 32

/**
 * Takes a CID apart; undefined for the others: an identity hash (which is no hash: such a CID holds its content), a hash of
 * another length, another base, or what is no CID. What comes back gives the same text again by {@link plainCidText}.
 */
export function parsePlainCid(text: string): PlainCid | undefined {
  if (text.length === 46 && text.startsWith('Qm')) {
    const bytes = decodeBase58(text)
    return bytes?.length === 34 && bytes[0] === 0x12 && bytes[1] === hashBytes
      ? { prefix: version0, hash: bytes.subarray(2) }
      : undefined
  }
  if (text.charCodeAt(0) !== 0x62) return undefined // multibase `b`
  const bytes = decodeBase32(text, 1)
  if (bytes === undefined || bytes[0] !== 1 || bytes.length < 4 + hashBytes) return undefined
  const head = bytes.length - hashBytes
  if (bytes[head - 1] !== hashBytes || !isTwoNumbers(bytes, head - 1)) return undefined
  return { prefix: prefixText(bytes, head), hash: bytes.subarray(head) }
}

/** The text that {@link parsePlainCid} has read. */
export function plainCidText(prefix: string, hash: Uint8Array): string {
  if (prefix === version0) return encodeBase58(Uint8Array.from([0x12, hashBytes, ...hash]))
  const bytes = new Uint8Array(prefix.length / 2 + hashBytes)
  for (let index = 0; index < prefix.length / 2; index += 1) {
    bytes[index] = Number.parseInt(prefix.slice(index * 2, index * 2 + 2), 16)
  }
  bytes.set(hash, prefix.length / 2)
  return `b${encodeBase32(bytes)}`
}

/** CIDv0 has no prefix but that of its multihash. */
const version0 = '1220'

/** Whether the bytes 1 to `end` are two varints (codec, hash function), the second of them not identity (0). */
function isTwoNumbers(bytes: Uint8Array, end: number): boolean {
  let at = 1
  while (at < end && (bytes[at] ?? 0) >= 0x80) at += 1
  const second = at + 1
  at = second
  while (at < end && (bytes[at] ?? 0) >= 0x80) at += 1
  return at === end - 1 && bytes[second] !== 0
}

/** Nearly always one of a handful: kept, so that a million pins do not make a million texts. */
const prefixTexts = new Map<number, string>()

function prefixText(bytes: Uint8Array, length: number): string {
  if (length !== 4) return hexText(bytes, length)
  const number = (bytes[1] ?? 0) * 0x1_00_00 + (bytes[2] ?? 0) * 0x1_00 + (bytes[3] ?? 0)
  const known = prefixTexts.get(number)
  if (known !== undefined) return known
  const text = hexText(bytes, length)
  if (prefixTexts.size < 1000) prefixTexts.set(number, text)
  return text
}

function hexText(bytes: Uint8Array, length: number): string {
  let text = ''
  for (let index = 0; index < length; index += 1) text += (bytes[index] ?? 0).toString(16).padStart(2, '0')
  return text
}
