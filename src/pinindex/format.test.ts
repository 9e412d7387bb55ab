import { expect, test } from 'vitest'
import { at, checkOf, recordBytes } from './format.ts'

/** CRC-8 as its polynomial says, one bit after the other. */
function plainCheck(bytes: Uint8Array): number {
  let check = 0xff
  for (const byte of bytes) {
    check ^= byte
    for (let bit = 0; bit < 8; bit += 1) check = ((check << 1) ^ ((check & 128) === 0 ? 0 : 0x1_07)) & 255
  }
  return check
}

const records = Uint8Array.from({ length: 20 * recordBytes }, (_, index) => (index * 2_654_435_761) >>> 13)

test('the sum over a record is its CRC-8', () => {
  for (let offset = 0; offset < records.length; offset += recordBytes) {
    expect(checkOf(records, offset)).toBe(plainCheck(records.subarray(offset, offset + at.check)))
  }
})

test('each bit of a record that is turned over turns it', () => {
  const before = checkOf(records, 0)
  for (let bit = 0; bit < at.check * 8; bit += 1) {
    const wrong = records.slice(0, recordBytes)
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(checkOf(wrong, 0)).not.toBe(before)
  }
})
