const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * Where Kubo keeps the block of a base32 CIDv1, below its folder `blocks`: `XX/KEY.data`, KEY being its multihash in
 * base32, XX the two characters before the last (flatfs, `next-to-last/2`, Kubo's default).
 */
export function blockFile(cid: string): string {
  const [version, , ...multihash] = fromBase32(cid.slice(1))
  if (!cid.startsWith('b') || version !== 1) throw new RangeError(`not a CIDv1 in base32: ${cid}`)
  const key = toBase32(multihash).toUpperCase()
  return `${key.slice(-3, -1)}/${key}.data`
}

/** Bytes in base32, lower case, without padding (RFC 4648). */
export function toBase32(bytes: readonly number[]): string {
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const symbols = bits.match(/.{1,5}/g) ?? []
  return symbols.map((each) => alphabet[Number.parseInt(each.padEnd(5, '0'), 2)]).join('')
}

function fromBase32(text: string): number[] {
  const bits = Array.from(text, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const whole = bits.match(/.{8}/g) ?? []
  return whole.map((each) => Number.parseInt(each, 2))
}
