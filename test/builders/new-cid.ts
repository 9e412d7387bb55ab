import { createHash, randomBytes } from 'node:crypto'

/** Version 1, raw: the multihash that follows is the content's. */
const rawCid = [0x01, 0x55]

/** A CID that holds its own content (identity hash), so that any Kubo can pin it without the network. */
export function newHeldCid(): string {
  const content = randomBytes(36)
  return `b${base32(Buffer.from([...rawCid, 0x00, content.length, ...content]))}`
}

/** The CID (SHA-256) of a block that nobody has. */
export function newAbsentCid(): string {
  const hash = createHash('sha256').update(randomBytes(32)).digest()
  return `b${base32(Buffer.from([...rawCid, 0x12, hash.length, ...hash]))}`
}

/** RFC 4648 in lower case, without padding (multibase `b`). */
function base32(bytes: Uint8Array): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}
