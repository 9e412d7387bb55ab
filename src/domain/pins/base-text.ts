const base32Alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const base58Alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Value of a character code; 255 where it is none of the alphabet. */
function values(alphabet: string): Uint8Array {
  const table = new Uint8Array(128).fill(255)
  for (let value = 0; value < alphabet.length; value += 1) table[alphabet.charCodeAt(value)] = value
  return table
}
const base32Values = values(base32Alphabet)
const base58Values = values(base58Alphabet)

const valueIn = (table: Uint8Array, code: number): number => (code < 128 ? (table[code] ?? 255) : 255)

/**
 * RFC 4648 in lower case without padding, from the character `from` on; undefined where it is anything else, or has bits set
 * behind its last byte: then there would be two texts for the same bytes.
 */
export function decodeBase32(text: string, from: number): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor(((text.length - from) * 5) / 8))
  let held = 0
  let bits = 0
  let at = 0
  for (let index = from; index < text.length; index += 1) {
    const value = valueIn(base32Values, text.charCodeAt(index))
    if (value === 255) return undefined
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at] = held >>> bits
      at += 1
    }
  }
  return bits < 5 && (held & ((1 << bits) - 1)) === 0 ? bytes : undefined
}

export function encodeBase32(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += base32Alphabet.charAt((held >>> bits) & 31)
    }
  }
  return bits === 0 ? text : text + base32Alphabet.charAt((held << (5 - bits)) & 31)
}

/** Base58btc; undefined where it is anything else. */
export function decodeBase58(text: string): Uint8Array | undefined {
  // Lowest byte first while it grows.
  const bytes: number[] = []
  for (let index = 0; index < text.length; index += 1) {
    let carry = valueIn(base58Values, text.charCodeAt(index))
    if (carry === 255) return undefined
    for (let at = 0; at < bytes.length; at += 1) {
      carry += (bytes[at] ?? 0) * 58
      bytes[at] = carry & 0xff
      carry >>>= 8
    }
    for (; carry > 0; carry >>>= 8) bytes.push(carry & 0xff)
  }
  for (let index = 0; text[index] === '1'; index += 1) bytes.push(0)
  return Uint8Array.from(bytes.toReversed())
}

export function encodeBase58(bytes: Uint8Array): string {
  const digits: number[] = []
  for (const byte of bytes) {
    let carry = byte
    for (let at = 0; at < digits.length; at += 1) {
      carry += (digits[at] ?? 0) * 256
      digits[at] = carry % 58
      carry = Math.floor(carry / 58)
    }
    for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58)
  }
  let text = ''
  for (const digit of digits) text = base58Alphabet.charAt(digit) + text
  for (const byte of bytes) {
    if (byte !== 0) break
    text = `1${text}`
  }
  return text
}
