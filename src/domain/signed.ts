import { z } from 'zod'
import { canonicalText } from './canonical-json.ts'
import type { Authority, Operation, OperationId } from './operation.ts'
import { type Duration, hours, type Instant } from './units.ts'

/** The public half of a controller's key (Ed25519, RFC 8032): it tells who may change a host, and is no secret. */
export const PublicKey = z
  .string()
  .regex(
    /^ed25519:[A-Za-z0-9_-]{43}$/,
    'a public key is ed25519: and 43 characters, as `tiercel controller key` prints it',
  )
  .brand<'PublicKey'>()
export type PublicKey = z.infer<typeof PublicKey>

/** 64 bytes in base64url, in the one way there is: another text of the same bytes would count as not used yet. */
export const Signature = z
  .string()
  .regex(/^[A-Za-z0-9_-]{85}[AQgw]$/, 'a signature is 86 characters of base64url, the last of which has no spare bits')
  .brand<'Signature'>()
export type Signature = z.infer<typeof Signature>

/** Signs in the name of a controller. Its private half never leaves it. */
export interface Signer {
  readonly publicKey: PublicKey
  sign(text: string): Signature
}

/** Everything that a controller says to a host and that changes something there. `at`: when it was signed. */
export type Signable =
  | { what: 'operation'; host: string; id: OperationId; operation: Operation; authority: Authority; at: Instant }
  | { what: 'cancel'; host: string; id: OperationId; authority: Authority; at: Instant }
  | { what: 'grant'; host: string; authority: Authority; takeOver: boolean; key: PublicKey; at: Instant }

/** The text that is signed: nothing of it can be another one's, and nothing else that this key signs begins like it. */
export const signedText = (signable: Signable): string => `tiercel-change-1\n${canonicalText(signable)}`

/** How far the clocks of controller and host may be apart: what was signed earlier or later is refused. */
export const signedWithin: Duration = hours(1)
