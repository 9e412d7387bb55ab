import type { Kysely } from 'kysely'
import { Authority } from '../../domain/operation.ts'
import type { Identity } from '../../domain/ports/identity.ts'
import type { Schema } from './schema.ts'
import { signsOfCopy, type StorePlace } from './store-place.ts'

/** `claimed` is told before the transaction is committed. */
export function identity(db: Kysely<Schema>, place: StorePlace, claimed: () => void): Identity {
  const read = async (): Promise<Authority | undefined> => {
    const row = await db.selectFrom('identity').select(['controller', 'epoch']).executeTakeFirst()
    return row === undefined ? undefined : Authority.parse(row)
  }
  return {
    read,
    async claim(authority, at) {
      const before = await read()
      const { controller, epoch } = Authority.parse(authority)
      if (before !== undefined && epoch < before.epoch) {
        throw new RangeError(`epoch ${epoch} is lower than ${before.epoch}, which was claimed before`)
      }
      const row = { controller, epoch, machine: place.machine, file: place.file, claimed_at: at }
      await db
        .insertInto('identity')
        .values({ id: 1, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
      claimed()
    },
  }
}

/** Why the store is a copy, by what stands in it. */
export async function readSignsOfCopy(db: Kysely<Schema>, place: StorePlace): Promise<string | undefined> {
  const claimed = await db.selectFrom('identity').select(['machine', 'file']).executeTakeFirst()
  return claimed === undefined ? undefined : signsOfCopy(claimed, place)
}
