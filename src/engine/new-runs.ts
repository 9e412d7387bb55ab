import type { RunRecord } from '../domain/run.ts'
import type { EngineOptions } from './options.ts'
import type { Child } from './procedure.ts'
import type { Planned } from './shown.ts'

/** The records of a run that is planned, and of all its children. */
export function newRuns<World>(
  planned: Planned,
  children: readonly Child[],
  made: { id: string | undefined; requestedBy: string } & Pick<EngineOptions<World>, 'clock' | 'makeId'>,
): { parent: RunRecord; all: RunRecord[] } {
  const { clock, makeId, requestedBy } = made
  const at = clock.now()
  const common = {
    class: planned.class,
    state: 'planned' as const,
    version: 0,
    progress: '',
    share: 0,
    reason: '',
    requestedBy,
    createdAt: at,
    updatedAt: at,
    endedAt: null,
  }
  const { procedure, title, input, plan, planHash } = planned
  const id = made.id ?? makeId(at)
  const parent = { ...common, id, procedure, title, input, plan, planHash, parent: null, child: null }
  const titles = new Map(planned.children.map((child) => [child.key, child.title]))
  const below = children.map((child, index) => ({
    ...common,
    id: makeId(at),
    parent: id,
    child: index,
    procedure: child.procedure,
    title: titles.get(child.key) ?? child.key,
    input: child.input,
    plan: child.plan,
    // Approved and held against the world as a part of its parent.
    planHash,
  }))
  return { parent, all: [parent, ...below] }
}
