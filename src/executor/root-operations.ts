import type { Exec } from '../adapters/system/exec.ts'
import type { RootOutcome } from '../api/executor.ts'
import { explain, Refusal } from '../domain/errors.ts'
import { apiVersion } from '../domain/observation.ts'
import type { OperationId } from '../domain/operation.ts'
import { judgeByPolicy, type PolicyView, type RootOperation } from '../domain/policy.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { doScrub } from './do-scrub.ts'
import { recordCommands } from './record-commands.ts'

/** What is written down of everything that is refused or run: one line each. */
export type Audit = (line: Record<string, unknown>) => void

/** What root does on this host, as far as its policy goes. */
export interface RootOperations {
  /** What allows it. Throws a {@link Refusal} with the line that forbids it, or that none allows it. */
  permit(operation: RootOperation): string
  /** `id`: what the agent calls it. */
  operate(operation: RootOperation, id?: OperationId): Promise<RootOutcome>
}

export function rootOperations(options: {
  exec: Exec
  clock: Clock
  /** Read anew each time: what root has written counts at once. */
  policy: () => PolicyView
  /** The kernel's own word for the state of a pool; undefined where it is not imported. */
  poolState: (pool: string) => string | undefined
  audit: Audit
}): RootOperations {
  const { clock, policy, poolState, audit } = options

  const permit = (operation: RootOperation): string => {
    let says: string
    try {
      const verdict = judgeByPolicy(policy(), operation.kind, operation.pool)
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

  return {
    permit,
    async operate(operation, id) {
      const says = permit(operation)
      audit({ event: 'allowed', id, operation, says })
      const { exec, commands } = recordCommands(options.exec, clock)
      const end = await doScrub(operation, { exec, state: poolState })
      audit({
        event: 'ended',
        id,
        operation,
        end,
        commands: commands.map(({ command, exitCode }) => ({ command, exitCode })),
      })
      return { apiVersion, commands, end }
    },
  }
}
