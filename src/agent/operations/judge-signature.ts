import { isSignedBy } from '../../adapters/system/ed25519.ts'
import { apiError } from '../../api/agent.ts'
import { type PublicKey, type Signable, type Signature, signedText, signedWithin } from '../../domain/signed.ts'
import type { Instant } from '../../domain/units.ts'
import type { Objection } from './operation-log.ts'

/** Was this signed by whoever has the private half of `key`, and about now? */
export function judgeSignature(
  key: PublicKey | undefined,
  said: Signable,
  signature: Signature | undefined,
  now: Instant,
): Objection {
  const { controller, epoch } = said.authority
  if (key === undefined) {
    return apiError(
      'not-granted',
      `this host has noted no key of ${controller}, so nobody can change anything here`,
      `have ${controller} claim it; where that is refused, on this host: sudo tiercel agent grant ${controller} ${epoch} KEY`,
    ).error
  }
  if (signature === undefined || !isSignedBy(key, signedText(said), signature)) {
    return apiError(
      'bad-signature',
      `this is not signed by the controller that this host obeys (${controller}, key ${key}), or not for this host and this operation`,
      'only the process with the private key of the controller can change this host: its public half is told by tiercel controller key',
    ).error
  }
  const ago = now - said.at
  if (Math.abs(ago) <= signedWithin) return undefined
  return apiError(
    'signature-time',
    `this was signed ${Math.round(Math.abs(ago) / 60_000)} minutes ${ago > 0 ? 'ago' : 'from now'} by the clock of this host, and ${signedWithin / 60_000} are the most`,
    'set the clocks of controller and host right',
  ).error
}
