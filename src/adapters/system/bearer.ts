import { timingSafeEqual } from 'node:crypto'

/**
 * Whether an `Authorization` header carries this token. Compares in a time that does not tell how much of it was right.
 */
export const carriesToken = (header: string | undefined, token: string): boolean => isToken(header, `Bearer ${token}`)

/** Whether this is the token, in the same way. */
export function isToken(said: string | undefined, token: string): boolean {
  const given = Buffer.from(said ?? '')
  const expected = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
