import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { PublicKey, Signature, type Signer } from '../../domain/signed.ts'

const prefix = 'ed25519:'

/** A new private key: one line of text, PKCS #8 in base64. */
export const newPrivateKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')

/** Throws for what {@link newPrivateKey} has not made. The error tells nothing of the text. */
export function signerOf(privateKey: string): Signer {
  const key = privateKeyOf(privateKey)
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return {
    publicKey: PublicKey.parse(`${prefix}${x}`),
    sign: (text) => Signature.parse(sign(null, Buffer.from(text), key).toString('base64url')),
  }
}

function privateKeyOf(text: string): KeyObject {
  let key: KeyObject | undefined
  try {
    key = createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' })
  } catch {
    // What the parser says could quote the key.
  }
  if (key?.asymmetricKeyType !== 'ed25519') throw new TypeError('this is no private key for Ed25519')
  return key
}

/** Whether whoever has the private half of this key has signed exactly this text. */
export function isSignedBy(publicKey: PublicKey, text: string, signature: Signature): boolean {
  try {
    const x = publicKey.slice(prefix.length)
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))
  } catch {
    return false
  }
}
