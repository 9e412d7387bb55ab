import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBase32, decodeBase58, encodeBase32, encodeBase58 } from './base-text.ts'
import { parsePlainCid, plainCidText } from './cid.ts'

test('the empty directory, as Kubo prints it in both versions, is the same hash', () => {
  const zero = parsePlainCid('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')
  const one = parsePlainCid('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')
  expect(zero?.prefix).toBe('1220')
  expect(one?.prefix).toBe('01701220')
  expect(zero?.hash).toEqual(one?.hash)
})

test.each([
  'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn',
  'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
  'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
])('%s is read and written again', (text) => {
  const parsed = parsePlainCid(text)
  expect(parsed === undefined ? undefined : plainCidText(parsed.prefix, parsed.hash)).toBe(text)
})

test.each([
  ['an identity hash', 'bafkqabtimvwgy3yk'],
  ['an identity hash of 32 bytes', `b${encodeBase32(Uint8Array.from([1, 0x55, 0, 32, ...new Uint8Array(32)]))}`],
  ['capitals', 'BAFYBEIGDYRZT5SFP7UDM7HU76UH7Y26NF3EFUYLQABF3OCLGTQY55FBZDI'],
  ['a last character with bits too many', 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdj'],
  ['base36', 'k2jmtxw8rjh1z69c6not3wtdxb0xu3zbzhyll1jg9s11pxz5gq1f6xi'],
  ['nothing', ''],
  ['one letter', 'b'],
  ['no ASCII', 'bé'],
])('%s is not plain', (_, text) => {
  expect(parsePlainCid(text)).toBeUndefined()
})

test('what is plain gives the same text again, and no other text gives the same parts', () => {
  fc.assert(
    fc.property(
      fc.constantFrom([1, 0x70, 0x12, 32], [1, 0x55, 0x12, 32], [1, 0x71, 0xa0, 0xe4, 2, 32], [1, 0xa9, 2, 0x12, 32]),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (prefix, hash) => {
        const text = `b${encodeBase32(Uint8Array.from([...prefix, ...hash]))}`
        const parsed = parsePlainCid(text)
        expect(parsed?.hash).toEqual(hash)
        expect(plainCidText(parsed?.prefix ?? '', hash)).toBe(text)
      },
    ),
  )
})

test('bases are their own inverse, leading zeros included', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(decodeBase32(`b${encodeBase32(bytes)}`, 1)).toEqual(bytes)
      expect(decodeBase58(encodeBase58(bytes))).toEqual(bytes)
    }),
  )
})
