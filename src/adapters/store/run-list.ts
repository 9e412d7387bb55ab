import type { Kysely } from 'kysely'
import type { RunFilter } from '../../domain/ports/run-store.ts'
import { type RunRecord, RunState, type RunSummary } from '../../domain/run.ts'
import { readRun, readSummary } from './run-rows.ts'
import type { Schema } from './schema.ts'

/** The newest page; of the children of a run, the first. */
export async function listRuns(db: Kysely<Schema>, filter: RunFilter): Promise<RunRecord[]> {
  const ids = await idsOf(db, filter)
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('runs')
    .innerJoin('run_plans', 'run_plans.run', 'runs.id')
    .selectAll()
    .where('runs.id', 'in', ids)
    .execute()
  return inOrder(ids, rows.map(readRun))
}

/** The same without their plans, which are most of what is stored of a run. */
export async function listSummaries(db: Kysely<Schema>, filter: RunFilter): Promise<RunSummary[]> {
  const ids = await idsOf(db, filter)
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('runs')
    .innerJoin('run_plans', 'run_plans.run', 'runs.id')
    .selectAll('runs')
    .select('run_plans.plan_hash')
    .where('runs.id', 'in', ids)
    .execute()
  return inOrder(ids, rows.map(readSummary))
}

function inOrder<T extends { id: string }>(ids: readonly string[], runs: readonly T[]): T[] {
  const known = new Map(runs.map((run) => [run.id, run]))
  return ids.flatMap((id) => known.get(id) ?? [])
}

async function idsOf(db: Kysely<Schema>, filter: RunFilter): Promise<string[]> {
  if (typeof filter.parent === 'string') return childrenOf(db, filter.parent, filter)
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
  return [...found].toSorted((a, b) => (a < b ? 1 : -1)).slice(0, limit)
}

async function childrenOf(db: Kysely<Schema>, parent: string, filter: RunFilter): Promise<string[]> {
  const { states, procedure, before } = filter
  let query = db
    .selectFrom('runs')
    .select('id')
    .where('parent', '=', parent)
    .orderBy('child')
    .orderBy('id')
    .limit(filter.limit)
  if (states !== undefined) query = query.where('state', 'in', states)
  if (procedure !== undefined) query = query.where('procedure', '=', procedure)
  if (before !== undefined) {
    query = query.where('child', '>', (sub) =>
      sub.selectFrom('runs as last').select('last.child').where('last.id', '=', before),
    )
  }
  return (await query.execute()).map(({ id }) => id)
}
