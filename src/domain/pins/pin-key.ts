import { parsePlainCid } from './cid.ts'

/** SHA-256 of a text in UTF-8: 32 bytes. Given by the caller, since the domain has no modules of Node. */
export type Hash = (text: string) => Uint8Array

/** Where a pin stands among all: by this, and not by its text, pins are sorted and spread over the leaves of the tree. */
export interface PinKey {
  /** What stands before the hash in the CID; undefined for a CID that is not plain ({@link parsePlainCid}). */
  prefix: string | undefined
  /** 32 bytes: the hash in a plain CID, which is spread evenly already; of any other, the hash of its text. */
  key: Uint8Array
}

export function pinKeyOf(cid: string, hash: Hash): PinKey {
  const plain = parsePlainCid(cid)
  return plain === undefined ? { prefix: undefined, key: hash(cid) } : { prefix: plain.prefix, key: plain.hash }
}

/** The leaf of the digest tree: 0 to 65,535. */
export const bucketOf = (key: Uint8Array): number => ((key[0] ?? 0) << 8) | (key[1] ?? 0)

/** The first four bytes from `at`, as a number. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0

/** 64 bits as 16 hex digits. */
export const hex64 = (high: number, low: number): string =>
  high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
