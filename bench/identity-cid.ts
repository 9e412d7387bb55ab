const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * The CID of eight bytes that count, which carries them in itself (CIDv1, raw, multihash `identity`): Kubo pins it without a
 * block, so a peer can be given many real pins.
 */
export function identityCid(index: number): string {
  const bytes = Buffer.alloc(12)
  bytes.set([0x01, 0x55, 0x00, 0x08])
  bytes.writeBigUInt64BE(BigInt(index), 4)
  let text = 'b'
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet.charAt((held >>> bits) & 31)
    }
  }
  return bits === 0 ? text : text + alphabet.charAt((held << (5 - bits)) & 31)
}
