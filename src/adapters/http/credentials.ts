import type { Auth } from '../../domain/fleet.ts'
import { describeSecret, readSecret } from '../system/secrets.ts'

/** The `Authorization` header, with the secret as it is now. Throws SecretUnreadable. */
export async function authorization(auth: Auth): Promise<string> {
  if ('bearer' in auth) return `Bearer ${await readSecret(auth.bearer.token)}`
  const { user, password } = auth.basic
  return `Basic ${Buffer.from(`${user}:${await readSecret(password)}`, 'utf8').toString('base64')}`
}

/** Which credentials are sent, for a message: names and places, no secret. */
export function describeAuth(auth: Auth): string {
  if ('bearer' in auth) return `a token from ${describeSecret(auth.bearer.token)}`
  return `user ${auth.basic.user}, password from ${describeSecret(auth.basic.password)}`
}
