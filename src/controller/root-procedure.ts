import type { RunStore } from '../domain/ports/run-store.ts'
import type { RunRecord } from '../domain/run.ts'

/** So many parents are remembered: what a run is of never changes. */
const mostRemembered = 10_000

/** Says by which procedure a run is judged: that of the run that a person began, also for the parts of it. */
export type RootProcedure = (run: Pick<RunRecord, 'procedure' | 'parent'>) => Promise<string>

export function rootProcedures(store: RunStore): RootProcedure {
  const known = new Map<string, string>()
  const rootOf: RootProcedure = async ({ procedure, parent }) => {
    if (parent === null) return procedure
    const before = known.get(parent)
    if (before !== undefined) return before
    const above = await store.transaction(async (transaction) => transaction.run(parent))
    const root = above === undefined ? procedure : await rootOf(above)
    if (known.size >= mostRemembered) known.clear()
    known.set(parent, root)
    return root
  }
  return rootOf
}
