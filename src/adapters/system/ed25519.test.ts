import { expect, test } from 'vitest'
import { PublicKey, Signature } from '../../domain/signed.ts'
import { isSignedBy, newPrivateKey, signerOf } from './ed25519.ts'

/** RFC 8032, 7.1, test 2: the secret, behind the head that PKCS #8 puts before it (RFC 8410). */
const secret = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'
const known = Buffer.from(`302e020100300506032b657004220420${secret}`, 'hex').toString('base64')

test('signs as RFC 8032 has it', () => {
  const signer = signerOf(known)
  const raw = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'
  expect(signer.publicKey).toBe(`ed25519:${Buffer.from(raw, 'hex').toString('base64url')}`)
  expect(Buffer.from(signer.sign('r'), 'base64url').toString('hex')).toBe(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  )
})

test('a signature is that of one key over one text', () => {
  const [one, other] = [signerOf(newPrivateKey()), signerOf(newPrivateKey())]
  const signature = one.sign('text')
  expect(isSignedBy(one.publicKey, 'text', signature)).toBe(true)
  expect(isSignedBy(other.publicKey, 'text', signature)).toBe(false)
  expect(isSignedBy(one.publicKey, 'text ', signature)).toBe(false)
  expect(isSignedBy(one.publicKey, 'text', Signature.parse('A'.repeat(86)))).toBe(false)
  // The neutral element (RFC 8032, 5.1.7 leaves it to the library): under it, some would take anything.
  expect(isSignedBy(PublicKey.parse(`ed25519:AQ${'A'.repeat(41)}`), 'text', signature)).toBe(false)
})

test('a signature is one text: what came once cannot come again in other letters', () => {
  const signature = signerOf(newPrivateKey()).sign('text')
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('')
  const same = letters
    .map((letter) => `${signature.slice(0, -1)}${letter}`)
    .filter((text) => Buffer.from(text, 'base64url').equals(Buffer.from(signature, 'base64url')))
  expect(same).toHaveLength(16)
  expect(same.filter((text) => Signature.safeParse(text).success)).toEqual([signature])
})

test('what is no key is told without a word of it', () => {
  expect(() => signerOf('c2VjcmV0')).toThrow(/^this is no private key for Ed25519$/)
})
