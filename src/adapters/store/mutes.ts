import type { Kysely } from 'kysely'
import { emptyMuteBook, MuteBook, withChanges, withMute } from '../../domain/health/mute.ts'
import type { Mutes } from '../../domain/ports/mutes.ts'
import { readJson } from './run-rows.ts'
import type { Schema } from './schema.ts'

/** The book of mutes, as one text: it is short, and always read whole. */
export function mutes(db: Kysely<Schema>): Mutes {
  const read = async (): Promise<MuteBook> => {
    const row = await db.selectFrom('mute_book').select('body').executeTakeFirst()
    return row === undefined ? emptyMuteBook : MuteBook.parse(readJson(row.body))
  }
  const write = async (book: MuteBook): Promise<void> => {
    const body = JSON.stringify(book)
    await db
      .insertInto('mute_book')
      .values({ id: 1, body })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ body }))
      .execute()
  }
  return {
    read,
    async add(mute) {
      const { book, mute: named } = withMute(await read(), mute)
      await write(book)
      return named
    },
    async record(changes) {
      const before = await read()
      const after = withChanges(before, changes)
      if (after !== before) await write(after)
      return after
    },
  }
}
