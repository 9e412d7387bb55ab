import type { RootDoer } from '../../adapters/agent/root-doer.ts'
import { explain, Refusal, Unreachable } from '../../domain/errors.ts'
import type { Operation, OperationId, OperationState } from '../../domain/operation.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import type { PracticeMarks } from '../../domain/ports/practice-marks.ts'
import { pause } from '../../observe/pause.ts'
import type { AgentOperation, AnyOperation } from '../../operations/operation.ts'
import { operationNamed } from '../../operations/registry.ts'
import type { Doer, Doing } from './operations.ts'

/** What needs root is the executor's; the rest is done here. */
export function createDoer({
  host,
  executor,
  marks,
  clock,
  named = operationNamed,
}: {
  host: string
  executor: RootDoer
  marks: PracticeMarks
  clock: Clock
  /** Gives the operation of a kind; of the registry, where nothing is said. */
  named?: (kind: string) => AnyOperation | undefined
}): Doer {
  const known = ({ kind }: Operation): AnyOperation => {
    const one = named(kind)
    if (one !== undefined) return one
    throw new Refusal('failed', `this agent knows no operation ${kind}: it is of another release`)
  }
  const asRoot = async (id: OperationId, operation: Operation, doing: Doing): Promise<OperationState> => {
    // What takes a moment does not heed it.
    const cancel = () => void executor.cancel(id).catch(() => undefined)
    doing.signal.addEventListener('abort', cancel, { once: true })
    try {
      const { commands: run, end } = await executor.operate(operation, id, doing.progress)
      return { ...end, commands: run.map((command) => ({ host, ...command })) }
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
      return {
        state: 'lost',
        error: `the executor ended while it did this; whether it was done can only be seen where it works (${explain(error)})`,
      }
    } finally {
      doing.signal.removeEventListener('abort', cancel)
    }
  }
  const byItself = async (
    one: AgentOperation,
    id: OperationId,
    operation: Operation,
    { signal, progress }: Doing,
  ): Promise<OperationState> => {
    const rest = (time: Parameters<typeof pause>[1]) => pause(clock, time, signal)
    const outcome = await one.act(operation, { id, marks, clock, rest, signal, progress })
    return 'result' in outcome
      ? { state: 'succeeded', result: outcome.result, commands: [] }
      : { state: 'failed', error: outcome.says, remedy: outcome.remedy, commands: [] }
  }
  return {
    async permit(operation) {
      if (known(operation).by !== 'harmless') await executor.permit(operation)
    },
    do: async (id, operation, doing) => {
      const one = known(operation)
      return one.by === 'root' ? asRoot(id, operation, doing) : byItself(one, id, operation, doing)
    },
  }
}
