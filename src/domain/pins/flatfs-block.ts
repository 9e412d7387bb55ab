import { decodeBase32, encodeBase32 } from './base-text.ts'

/** `/…/blocks/X3/CIQFTF….data`, or `pool/dataset:/X3/CIQFTF….data` where the dataset is not mounted. */
const blockFile = /(?:^|\/)([A-Z2-7_]{2})\/([A-Z2-7]+)\.data$/

/** The codec by which `ipfs repo verify` names a block. */
const rawCodec = 0x55

/**
 * The CID of the block that a file of Kubo's flatfs holds; undefined for any other path.
 *
 * A flatfs key is the multihash of the block in upper-case base32 without padding, and the folder is the two characters
 * before its last one (`/repo/flatfs/shard/v1/next-to-last/2`, Kubo's default). The file does not say what the block is:
 * the CID is given as version 1 with the codec `raw`, as `ipfs repo verify` names it. The same block as a node is listed
 * under another CID with the same hash (`bafybei…` for `bafkrei…`).
 */
export function blockOfFlatfsFile(path: string): string | undefined {
  const [, folder, key] = blockFile.exec(path) ?? []
  if (folder === undefined || key === undefined || shardOf(key) !== folder) return undefined
  const hash = decodeBase32(key.toLowerCase(), 0)
  if (hash === undefined || !isMultihash(hash)) return undefined
  return `b${encodeBase32(Uint8Array.from([1, rawCodec, ...hash]))}`
}

/** `next-to-last/2`; a key that is too short is padded with `_` (go-ds-flatfs). */
function shardOf(key: string): string {
  const padded = `__${key}`
  return padded.slice(-3, -1)
}

/** Two varints, the hash function and the length in bytes, and as many bytes as that. */
function isMultihash(bytes: Uint8Array): boolean {
  let at = 0
  while (at < bytes.length && (bytes[at] ?? 0) >= 0x80) at += 1
  at += 1
  const length = bytes[at]
  return length !== undefined && length < 0x80 && length > 0 && bytes.length === at + 1 + length
}
