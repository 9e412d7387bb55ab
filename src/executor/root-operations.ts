import type { Exec } from '../adapters/system/exec.ts'
import type { RootOutcome } from '../api/executor.ts'
import { explain, Refusal } from '../domain/errors.ts'
import { apiVersion } from '../domain/observation.ts'
import type { Operation, OperationId } from '../domain/operation.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { seconds } from '../domain/units.ts'
import type { AnyOperation, Progress, RootOperation } from '../operations/operation.ts'
import { judgeByPolicy, type PolicyView } from '../operations/policy.ts'
import { operationNamed } from '../operations/registry.ts'
import { doOperation, runner } from './do-operation.ts'
import { recordCommands } from './record-commands.ts'

/** What is written down of everything that is refused or run: one line each. */
export type Audit = (line: Record<string, unknown>) => void

/** What root does on this host, as far as its policy goes. */
export interface RootOperations {
  /** What allows it, whoever does it. Throws a {@link Refusal} with the line that forbids it, or that none allows it. */
  permit(operation: Operation): string
  /** `id`: what the agent calls it. The same refusals; where it has begun, it is brought to its end whoever listens. */
  operate(operation: Operation, id: OperationId, told?: (progress: Progress) => void): Promise<RootOutcome>
  /** Calls off an operation that lasts; of others, and of what is over, nothing comes. */
  cancel(id: OperationId): void
  /** How many are under way. */
  underWay(): number
}

/** How often what lasts is asked how far it is. */
const progressEvery = seconds(5)

export function rootOperations(options: {
  exec: Exec
  /** The same for what mounts: where the rest of the host sees it. */
  mountingExec?: Exec
  clock: Clock
  /** Read anew each time: what root has written counts at once. */
  policy: () => PolicyView
  /** The kernel's own word for the state of a pool; undefined where it is not imported. */
  poolState: (pool: string) => string | undefined
  audit: Audit
  /** Gives the operation of a kind; of the registry, where nothing is said. */
  named?: (kind: string) => AnyOperation | undefined
}): RootOperations {
  const { clock, policy, poolState, audit, exec, mountingExec = exec, named = operationNamed } = options
  const live = new Map<OperationId, AbortController>()

  const permit = (operation: Operation): string => {
    let says: string
    try {
      const verdict = judgeByPolicy(policy(), operation, named(operation.kind))
      if (verdict.isAllowed) return verdict.says
      says = verdict.says
    } catch (error) {
      says = explain(error)
    }
    audit({ event: 'refused', operation, says })
    throw new Refusal('refused-by-policy', says, {
      hint: `what is allowed on this host is root’s to say, in its policy: tiercel agent policy show`,
    })
  }

  /** The operation, where it is one of root’s. */
  const rootOne = (operation: Operation): RootOperation => {
    const one = named(operation.kind)
    if (one?.by === 'root') return one
    throw new Refusal('not-of-root', `${operation.kind} is done by the agent itself, not by the executor`)
  }

  return {
    permit,
    underWay: () => live.size,
    cancel: (id) => live.get(id)?.abort(),
    async operate(operation, id, told = () => undefined) {
      const one = rootOne(operation)
      const says = permit(operation)
      if (live.has(id)) throw new Refusal('busy', `the operation ${id} is under way already`)
      const canceled = new AbortController()
      live.set(id, canceled)
      audit({ event: 'allowed', id, operation, says })
      const recorded = recordCommands(one.mounts === true ? mountingExec : exec, clock)
      const stopTelling = tellProgress(one, operation, { exec, clock, told })
      try {
        const host = { id, exec: recorded.exec, state: poolState, signal: canceled.signal }
        const end = await doOperation(one, operation, host)
        const commands = recorded.commands.map(({ command, exitCode }) => ({ command, exitCode }))
        audit({ event: 'ended', id, operation, end, commands })
        return { apiVersion, commands: recorded.commands, end }
      } finally {
        stopTelling()
        live.delete(id)
      }
    },
  }
}

/** Asks what lasts how far it is, now and then, until the function that comes back is called. */
function tellProgress(
  { lasts }: RootOperation,
  operation: Operation,
  { exec, clock, told }: { exec: Exec; clock: Clock; told: (progress: Progress) => void },
): () => void {
  if (lasts === undefined) return () => undefined
  let isOver = false
  let callOff: (() => void) | undefined
  const ask = async () => {
    const progress = await lasts.progress(operation, runner(exec, seconds(20))).catch(() => undefined)
    if (isOver) return
    if (progress !== undefined) told(progress)
    callOff = clock.after(progressEvery, () => void ask())
  }
  callOff = clock.after(progressEvery, () => void ask())
  return () => {
    isOver = true
    callOff?.()
  }
}
