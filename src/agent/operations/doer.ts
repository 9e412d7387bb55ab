import type { RootDoer } from '../../adapters/agent/root-doer.ts'
import { explain, Unreachable } from '../../domain/errors.ts'
import type { OperationId, OperationState } from '../../domain/operation.ts'
import { needsRoot, type RootOperation } from '../../domain/policy.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import { doPractice } from './do-practice.ts'
import type { Doer } from './operations.ts'
import type { PracticeMarks } from './practice-marks.ts'

/** Practice is done here; what needs root is the executor's. */
export function createDoer({
  host,
  executor,
  marks,
  clock,
}: {
  host: string
  executor: RootDoer
  marks: PracticeMarks
  clock: Clock
}): Doer {
  /** Not called off in the middle: each takes a moment, and half a `zpool scrub` would be worse than a whole one. */
  const asRoot = async (id: OperationId, operation: RootOperation): Promise<OperationState> => {
    try {
      const { commands: run, end } = await executor.operate(operation, id)
      return { ...end, commands: run.map((command) => ({ host, ...command })) }
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
      return {
        state: 'lost',
        error: `the executor ended while it did this; whether it was done can only be seen on the pool (${explain(error)})`,
      }
    }
  }
  return {
    async permit(operation) {
      if (needsRoot(operation)) await executor.permit(operation)
    },
    do: (id, operation, doing) =>
      needsRoot(operation) ? asRoot(id, operation) : doPractice(operation, { id, marks, clock, doing }),
  }
}
