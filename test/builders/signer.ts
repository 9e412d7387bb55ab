import { newPrivateKey, signerOf } from '../../src/adapters/system/ed25519.ts'
import type { Signer } from '../../src/domain/signed.ts'

const signers = new Map<string, Signer>()

/** The key of a controller of this name: always the same one, while this process lasts. */
export function signerFor(controller: string): Signer {
  const signer = signers.get(controller) ?? signerOf(newPrivateKey())
  signers.set(controller, signer)
  return signer
}
