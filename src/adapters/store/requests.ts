import type { Kysely } from 'kysely'
import type { Requests } from '../../domain/ports/requests.ts'
import type { Schema } from './schema.ts'

export function requests(db: Kysely<Schema>): Requests {
  const runOf = async (id: string): Promise<string | undefined> => {
    const row = await db.selectFrom('requests').select('run').where('id', '=', id).executeTakeFirst()
    return row?.run
  }
  return {
    runOf,
    async remember(id, run, at) {
      if ((await runOf(id)) === run) return
      await db.insertInto('requests').values({ id, run, at }).execute()
    },
    async forget(before) {
      await db.deleteFrom('requests').where('at', '<', before).execute()
    },
  }
}
