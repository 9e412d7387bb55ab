import type { Kysely } from 'kysely'
import { Lock, type LockRequest, type RunClass } from '../../domain/run.ts'
import type { Instant } from '../../domain/units.ts'
import type { Schema } from './schema.ts'

export async function heldLocks(db: Kysely<Schema>, run?: string): Promise<Lock[]> {
  let query = db.selectFrom('locks').selectAll().orderBy('key').orderBy('run')
  if (run !== undefined) query = query.where('run', '=', run)
  return (await query.execute()).map(readLock)
}

/** See the port: all or none; answers with who stands in the way. */
export async function takeLocks(
  db: Kysely<Schema>,
  run: string,
  requests: readonly LockRequest[],
  as: { class: RunClass; at: Instant; force?: boolean },
): Promise<Lock[]> {
  const wanted = byKey(requests)
  const held = await holders(
    db,
    wanted.map(({ key }) => key),
  )
  const inTheWay = wanted.flatMap(({ key, capacity }) => {
    const others = held.filter((lock) => lock.key === key && lock.run !== run)
    const room = Math.min(capacity, ...held.filter((lock) => lock.key === key).map((lock) => lock.capacity))
    return others.length < room ? [] : others
  })
  if (inTheWay.length > 0 && as.force !== true) return inTheWay
  for (const { key, capacity } of wanted) {
    const own = held.find((lock) => lock.key === key && lock.run === run)
    await db
      .insertInto('locks')
      .values({ key, run, capacity, class: as.class, taken_at: as.at })
      .onConflict((conflict) =>
        conflict.columns(['key', 'run']).doUpdateSet({
          capacity: Math.min(capacity, own?.capacity ?? capacity),
          class: as.class,
        }),
      )
      .execute()
  }
  return inTheWay
}

export async function releaseLocks(db: Kysely<Schema>, run: string): Promise<void> {
  await db.deleteFrom('locks').where('run', '=', run).execute()
}

/** One request a key, the smallest capacity of all; in the order of keys, so that two takers never wait for each other. */
function byKey(requests: readonly LockRequest[]): LockRequest[] {
  const smallest = new Map<string, number>()
  for (const { key, capacity } of requests) smallest.set(key, Math.min(capacity, smallest.get(key) ?? capacity))
  return [...smallest].map(([key, capacity]) => ({ key, capacity })).toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

async function holders(db: Kysely<Schema>, keys: readonly string[]): Promise<Lock[]> {
  if (keys.length === 0) return []
  const rows = await db.selectFrom('locks').selectAll().where('key', 'in', keys).orderBy('key').orderBy('run').execute()
  return rows.map(readLock)
}

const readLock = (row: Schema['locks']): Lock => Lock.parse({ ...row, takenAt: row.taken_at })
