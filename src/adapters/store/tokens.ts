import type { Kysely } from 'kysely'
import type { StoredToken, Tokens } from '../../domain/ports/tokens.ts'
import { Role } from '../../domain/role.ts'
import { Instant, minutes } from '../../domain/units.ts'
import type { Schema } from './schema.ts'

export function tokens(db: Kysely<Schema>): Tokens {
  const byName = async (name: string): Promise<StoredToken | undefined> => {
    const row = await db.selectFrom('tokens').selectAll().where('name', '=', name).executeTakeFirst()
    return row === undefined ? undefined : readToken(row)
  }
  return {
    async add({ name, person, role, createdAt }, hash) {
      const row = { name, person, role, hash, created_at: createdAt, last_used_at: null, revoked_at: null }
      await db.insertInto('tokens').values(row).execute()
    },
    async byHash(hash) {
      const row = await db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
      return row === undefined ? undefined : readToken(row)
    },
    async list() {
      return (await db.selectFrom('tokens').selectAll().orderBy('name').execute()).map(readToken)
    },
    async revoke(name, at) {
      await db
        .updateTable('tokens')
        .set({ revoked_at: at })
        .where('name', '=', name)
        .where('revoked_at', 'is', null)
        .execute()
      return byName(name)
    },
    async used(name, at) {
      await db
        .updateTable('tokens')
        .set({ last_used_at: at })
        .where('name', '=', name)
        .where((is) => is.or([is('last_used_at', 'is', null), is('last_used_at', '<', at - minutes(1))]))
        .execute()
    },
  }
}

const readToken = (row: Schema['tokens']): StoredToken => ({
  name: row.name,
  person: row.person,
  role: Role.parse(row.role),
  createdAt: Instant.parse(row.created_at),
  lastUsedAt: Instant.nullable().parse(row.last_used_at),
  revokedAt: Instant.nullable().parse(row.revoked_at),
})
