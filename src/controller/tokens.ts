import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { TokenInfo } from '../api/operator-nouns.ts'
import type { Instant } from '../domain/units.ts'
import type { Caller } from './operator-app.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Tokens } from '../domain/ports/tokens.ts'
import type { Role } from '../domain/role.ts'

/** Random enough (256 bits) that a plain hash at rest tells nothing: there is nothing to guess. */
const newSecret = (): string => `tiercel_${randomBytes(32).toString('base64url')}`

/** What is kept of a token. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** Makes a token; its secret is in the answer alone, and given to `keep` before it counts. */
export async function makeToken(
  tokens: Tokens,
  { name, role, at }: { name: string; role: Role; at: Instant },
  keep: (secret: string) => void = () => undefined,
): Promise<{ token: string; info: TokenInfo }> {
  const secret = newSecret()
  keep(secret)
  await tokens.add({ name, role, createdAt: at }, hashOf(secret))
  return { token: secret, info: { name, role, createdAt: at, lastUsedAt: null, revokedAt: null } }
}

/** Who shows this token; undefined for one that is not known or was revoked. */
export async function callerOf(tokens: Tokens, token: string, clock: Pick<Clock, 'now'>): Promise<Caller | undefined> {
  const info = await tokens.byHash(hashOf(token))
  if (info === undefined || info.revokedAt !== null) return undefined
  // A store that cannot write keeps nobody out.
  await tokens.used(info.name, clock.now()).catch(() => undefined)
  return { name: info.name, role: info.role }
}

/**
 * The first start makes the first token, and puts it where only the controller's user reads it. True when it did. The
 * file comes before the token counts: a crash in between leaves a file that opens nothing, and the next start makes it anew.
 */
export async function makeFirstToken(tokens: Tokens, file: string, at: Instant): Promise<boolean> {
  if ((await tokens.list()).length > 0) return false
  await makeToken(tokens, { name: 'admin', role: 'admin', at }, (secret) => writeSecret(file, secret))
  return true
}

/** Never half a file, and never readable for others. */
function writeSecret(file: string, secret: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const beside = `${file}.new`
  rmSync(beside, { force: true })
  const handle = openSync(beside, 'wx', 0o600)
  writeSync(handle, `${secret}\n`)
  fsyncSync(handle)
  closeSync(handle)
  renameSync(beside, file)
}
