import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { OpsError } from '../domain/errors.ts'
import { isRootsAlone } from './root-file.ts'

/** What the executor may do on this host. There is only one word yet: it looks, and changes nothing. */
export const Policy = z.strictObject({ apiVersion: z.literal(1), mode: z.literal('observe-only') })
export type Policy = z.infer<typeof Policy>

/** The policy cannot be trusted: it is not root's alone, or not understood. */
export class PolicyInvalid extends OpsError {
  readonly remedy = 'stop'
}

/** The default where there is no file: observe only. */
const observeOnly: Policy = { apiVersion: 1, mode: 'observe-only' }

/** Reads the policy anew, so that a change counts at once. Only a file that root alone can write is obeyed. */
export function readPolicy(path: string): Policy {
  const isOurs = isRootsAlone(path)
  if (isOurs === undefined) return observeOnly
  if (!isOurs) {
    throw new PolicyInvalid(
      `${path} must be a file that belongs to root and that nobody else can write (chmod 0644, chown root)`,
    )
  }
  try {
    return Policy.parse(parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new PolicyInvalid(`${path} is not understood; allowed: apiVersion: 1, mode: observe-only`, { cause: error })
  }
}
