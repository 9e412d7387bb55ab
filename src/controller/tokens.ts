import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { readSecret } from '../adapters/system/secrets.ts'
import type { TokenInfo } from '../api/operator-nouns.ts'
import { NotPermitted } from '../domain/errors.ts'
import type { Instant } from '../domain/units.ts'
import type { Caller } from './operator-app.ts'
import { NotAsThingsStand } from './refusal-of.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { ControllerStore } from '../domain/ports/controller-store.ts'
import type { Tokens } from '../domain/ports/tokens.ts'
import type { Role } from '../domain/role.ts'

/** Random enough (256 bits) that a plain hash at rest tells nothing: there is nothing to guess. */
const newSecret = (): string => `tiercel_${randomBytes(32).toString('base64url')}`

/** What is kept of a token. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** Makes a token; its secret is in the answer alone. To be asked within one transaction. */
export async function makeToken(
  tokens: Pick<Tokens, 'list' | 'add'>,
  { name, person = name, role, at }: { name: string; person?: string | undefined; role: Role; at: Instant },
  secret = newSecret(),
): Promise<{ token: string; info: TokenInfo }> {
  if ((await tokens.list()).some((other) => other.name === name)) {
    throw new NotAsThingsStand(
      `there is, or was, a token of ${name}`,
      'Give it another name: the audit must tell them apart.',
    )
  }
  await tokens.add({ name, person, role, createdAt: at }, hashOf(secret))
  return { token: secret, info: { name, person, role, createdAt: at, lastUsedAt: null, revokedAt: null } }
}

/** Who shows this token; undefined for one that is not known or was revoked. */
export async function callerOf(tokens: Tokens, token: string, clock: Pick<Clock, 'now'>): Promise<Caller | undefined> {
  const info = await tokens.byHash(hashOf(token))
  if (info === undefined || info.revokedAt !== null) return undefined
  // A store that cannot write keeps nobody out.
  await tokens.used(info.name, clock.now()).catch(() => undefined)
  const { name, person, role } = info
  return { name, person: person === '' ? name : person, isPersonKnown: person !== '', role }
}

/**
 * The first start makes the first token, and puts it where only the controller's user reads it. True when it did. The
 * file comes before the token counts: one that a crash has left, or that another controller of this user has made, is taken
 * as it is, and never written over.
 */
export async function makeFirstToken(store: ControllerStore, file: string, at: Instant): Promise<boolean> {
  if ((await store.tokens.list()).length > 0) return false
  const there = existsSync(file) ? await readSecret({ file }) : undefined
  if (there !== undefined && !/^tiercel_[\w-]{43}$/.test(there)) {
    throw new NotPermitted(`${file} is there, and is no token of ours`, 'Name another file under adminToken.')
  }
  const secret = there ?? newSecret()
  if (there === undefined) writeSecret(file, secret)
  await store.transaction(async ({ tokens, audit }) => {
    await makeToken(tokens, { name: 'admin', role: 'admin', at }, secret)
    await audit.add({ at, who: 'the controller', what: 'its first start', subject: 'token admin', outcome: 'done' })
  })
  return true
}

/** Never half a file, and never readable for others. */
export function writeSecret(file: string, secret: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const beside = `${file}.new`
  rmSync(beside, { force: true })
  const handle = openSync(beside, 'wx', 0o600)
  writeSync(handle, `${secret}\n`)
  fsyncSync(handle)
  closeSync(handle)
  renameSync(beside, file)
}
