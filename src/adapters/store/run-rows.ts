import type { Selectable } from 'kysely'
import { type Json, type RunRecord, RunSummary } from '../../domain/run.ts'
import type { RunsTable } from './schema.ts'

/** A text as every database gives it back: PostgreSQL takes no NUL, and none a half of a surrogate pair. Output of programs may hold them. */
export const plainText = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed()

export function runRow(run: RunRecord): RunsTable {
  return {
    id: run.id,
    parent: run.parent,
    child: run.child,
    procedure: run.procedure,
    title: plainText(run.title),
    class: run.class,
    state: run.state,
    version: run.version,
    progress: plainText(run.progress),
    share: run.share,
    reason: plainText(run.reason),
    requested_by: plainText(run.requestedBy),
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    ended_at: run.endedAt,
  }
}

export interface PlanColumns {
  input: string
  plan: string
  plan_hash: string
}

export const planColumns = ({ input, plan, planHash }: RunRecord): PlanColumns => ({
  input: JSON.stringify(input),
  plan: JSON.stringify(plan),
  plan_hash: planHash,
})

export function readRun(row: Selectable<RunsTable> & PlanColumns): RunRecord {
  return { ...readSummary(row), input: readJson(row.input), plan: readJson(row.plan) }
}

export const readSummary = (row: Selectable<RunsTable> & Pick<PlanColumns, 'plan_hash'>): RunSummary =>
  RunSummary.parse({
    ...row,
    planHash: row.plan_hash,
    requestedBy: row.requested_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    endedAt: row.ended_at,
  })

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse gives nothing else
export const readJson = (text: string): Json => JSON.parse(text) as Json
