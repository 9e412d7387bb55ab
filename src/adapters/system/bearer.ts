import { timingSafeEqual } from 'node:crypto'

/**
 * Whether an `Authorization` header carries this token. Compares in a time that does not tell how much of it was right.
 */
export function carriesToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '')
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
