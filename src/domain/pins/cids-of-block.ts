import { parsePlainCid, plainCidText } from './cid.ts'

/** The forms in which pins and programs name blocks: raw, dag-pb and dag-cbor of version 1, and version 0. */
const prefixes = ['01551220', '01701220', '01711220', '1220']

/** Every CID under which a block may be listed: they differ in the codec, and have the same hash. The given one is the first. */
export function cidsOfBlock(cid: string): string[] {
  const plain = parsePlainCid(cid)
  // Another hash function has its own prefix: there is only the name that was given.
  if (plain === undefined || !plain.prefix.endsWith('1220')) return [cid]
  return [...new Set([cid, ...prefixes.map((prefix) => plainCidText(prefix, plain.hash))])]
}
