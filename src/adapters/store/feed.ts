import { type Kysely, sql } from 'kysely'
import type { Feed } from '../../domain/ports/feed.ts'
import { Instant } from '../../domain/units.ts'
import { readJson } from './run-rows.ts'
import type { Schema } from './schema.ts'

/** How far back a reader may have been away: hours of work on a large fleet. */
export const mostFeedEntries = 20_000

/** `added` is told of each entry, before it is committed. Up to a hundredth more than `most` are kept: they go many at once. */
export function feed(db: Kysely<Schema>, most: number, added: () => void): Feed {
  const newest = async (): Promise<number> => {
    const last = await db.selectFrom('feed').select('sequence').orderBy('sequence', 'desc').limit(1).executeTakeFirst()
    return last?.sequence ?? 0
  }
  return {
    newest,
    async add({ at, kind, run, body }) {
      const { sequence } = await db
        .insertInto('feed')
        .values((row) => ({
          sequence: row.selectFrom('feed').select(sql<number>`coalesce(max(sequence), 0) + 1`.as('next')),
          at,
          kind,
          run,
          body: JSON.stringify(body),
        }))
        .returning('sequence')
        .executeTakeFirstOrThrow()
      if (sequence % Math.ceil(most / 100) === 0) {
        await db
          .deleteFrom('feed')
          .where('sequence', '<=', sequence - most)
          .execute()
      }
      added()
      return sequence
    },
    async after(sequence, limit) {
      const rows = await db
        .selectFrom('feed')
        .selectAll()
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      const entries = rows.map((row) => ({ ...row, at: Instant.parse(row.at), body: readJson(row.body) }))
      const first = entries[0]?.sequence
      return { entries, isGap: first === undefined ? sequence > (await newest()) : first > sequence + 1 }
    },
  }
}
