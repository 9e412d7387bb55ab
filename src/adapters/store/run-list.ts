import type { Kysely } from 'kysely'
import type { RunFilter } from '../../domain/ports/run-store.ts'
import { type RunRecord, RunState } from '../../domain/run.ts'
import { readRun } from './run-rows.ts'
import type { Schema } from './schema.ts'

/** The newest page; of the children of a run, the first. */
export async function listRuns(db: Kysely<Schema>, filter: RunFilter): Promise<RunRecord[]> {
  if (typeof filter.parent === 'string') return listChildren(db, filter.parent, filter)
  const { before, limit, parent, procedure } = filter
  const newest = (state?: RunState) => {
    let query = db.selectFrom('runs').select('id').orderBy('id', 'desc').limit(limit)
    if (state !== undefined) query = query.where('state', '=', state)
    if (procedure !== undefined) query = query.where('procedure', '=', procedure)
    if (parent === null) query = query.where('parent', 'is', null)
    if (before !== undefined) query = query.where('id', '<', before)
    return query
  }
  // Each state by itself: an index then has its newest runs in order, however rare they are among the others.
  const states = filter.states ?? (procedure === undefined ? [undefined] : RunState.options)
  const found = new Set<string>()
  for (const state of new Set(states)) {
    for (const { id } of await newest(state).execute()) found.add(id)
  }
  // By code units, as both databases compare them.
  const page = [...found].toSorted((a, b) => (a < b ? 1 : -1)).slice(0, limit)
  return runsOf(db, page)
}

async function runsOf(db: Kysely<Schema>, ids: readonly string[]): Promise<RunRecord[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('runs')
    .innerJoin('run_plans', 'run_plans.run', 'runs.id')
    .selectAll()
    .where('runs.id', 'in', ids)
    .orderBy('runs.id', 'desc')
    .execute()
  return rows.map(readRun)
}

async function listChildren(db: Kysely<Schema>, parent: string, filter: RunFilter): Promise<RunRecord[]> {
  const { states, procedure, before } = filter
  let query = db
    .selectFrom('runs')
    .innerJoin('run_plans', 'run_plans.run', 'runs.id')
    .selectAll()
    .where('runs.parent', '=', parent)
    .orderBy('runs.child')
    .orderBy('runs.id')
    .limit(filter.limit)
  if (states !== undefined) query = query.where('runs.state', 'in', states)
  if (procedure !== undefined) query = query.where('runs.procedure', '=', procedure)
  if (before !== undefined) {
    query = query.where('runs.child', '>', (sub) =>
      sub.selectFrom('runs as last').select('last.child').where('last.id', '=', before),
    )
  }
  return (await query.execute()).map(readRun)
}
