import type { Kysely } from 'kysely'
import { StaleRun } from '../../domain/ports/run-store.ts'
import type { RunRecord, StoredEvent } from '../../domain/run.ts'
import { Instant } from '../../domain/units.ts'
import { planColumns, readJson, readRun, runRow } from './run-rows.ts'
import type { Schema } from './schema.ts'

export async function createRun(db: Kysely<Schema>, run: RunRecord): Promise<void> {
  await db.insertInto('runs').values(runRow(run)).execute()
  await db
    .insertInto('run_plans')
    .values({ run: run.id, ...planColumns(run) })
    .execute()
}

export async function oneRun(db: Kysely<Schema>, id: string): Promise<RunRecord | undefined> {
  const row = await db
    .selectFrom('runs')
    .innerJoin('run_plans', 'run_plans.run', 'runs.id')
    .selectAll()
    .where('runs.id', '=', id)
    .executeTakeFirst()
  return row === undefined ? undefined : readRun(row)
}

/** Compare and set: the version is in the condition of the one statement that raises it. */
export async function appendEvents(db: Kysely<Schema>, run: RunRecord, events: readonly StoredEvent[]): Promise<void> {
  const before = run.version - events.length
  for (const [index, { sequence }] of events.entries()) {
    if (sequence !== before + index + 1) {
      throw new RangeError(`event ${sequence} of run ${run.id} is not number ${before + index + 1}`)
    }
  }
  const { id, ...columns } = runRow(run)
  const { numUpdatedRows } = await db
    .updateTable('runs')
    .set(columns)
    .where('id', '=', id)
    .where('version', '=', before)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows !== 1n) {
    const stored = await db.selectFrom('runs').select('version').where('id', '=', id).executeTakeFirst()
    throw new StaleRun(
      stored === undefined
        ? `there is no run ${id}`
        : `run ${id} has ${stored.version} events; somebody has written since ${before} were read`,
    )
  }
  const plan = planColumns(run)
  await db
    .updateTable('run_plans')
    .set(plan)
    .where('run', '=', id)
    .where((is) =>
      is.or([is('plan', '<>', plan.plan), is('input', '<>', plan.input), is('plan_hash', '<>', plan.plan_hash)]),
    )
    .execute()
  for (const { sequence, at, body } of events) {
    await db
      .insertInto('run_events')
      .values({ run: id, sequence, at, body: JSON.stringify(body) })
      .execute()
  }
}

export async function eventsOf(db: Kysely<Schema>, run: string, after: number): Promise<StoredEvent[]> {
  const rows = await db
    .selectFrom('run_events')
    .select(['sequence', 'at', 'body'])
    .where('run', '=', run)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .execute()
  return rows.map(({ sequence, at, body }) => ({ sequence, at: Instant.parse(at), body: readJson(body) }))
}
