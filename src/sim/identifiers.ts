import { nextBytes, nextWord, type RandomState } from './random.ts'

const base58Alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/**
 * A peer ID of an Ed25519 key: the identity multihash of its public key as a protobuf, in base58btc. Always 52 characters
 * that start with `12D3KooW` (libp2p specs, peer-ids).
 */
export function newPeerId(state: RandomState): string {
  return base58([0x00, 0x24, 0x08, 0x01, 0x12, 0x20, ...nextBytes(state, 32)])
}

/** A ZFS guid: 64 bits, decimal. */
export function newGuid(state: RandomState): string {
  return ((BigInt(nextWord(state)) << 32n) | BigInt(nextWord(state))).toString()
}

function base58(bytes: readonly number[]): string {
  let value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  let text = ''
  while (value > 0n) {
    text = base58Alphabet.charAt(Number(value % 58n)) + text
    value /= 58n
  }
  const leadingZeros = bytes.findIndex((byte) => byte !== 0)
  return '1'.repeat(leadingZeros === -1 ? bytes.length : leadingZeros) + text
}
