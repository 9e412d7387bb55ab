import type { z } from 'zod'
import { executorPaths, PermitAnswer, RootOutcome } from '../../api/executor.ts'
import { PolicyAnswer } from '../../api/operations.ts'
import { explain, Refusal, Unreachable } from '../../domain/errors.ts'
import type { OperationId } from '../../domain/operation.ts'
import { apiVersion } from '../../domain/observation.ts'
import type { PolicyView, RootOperation } from '../../domain/policy.ts'
import { minutes } from '../../domain/units.ts'
import { readSecret, SecretUnreadable } from '../system/secrets.ts'
import { ask, Refused } from './ask.ts'
import { type Reached, startIt, tokensOfBoth } from './executor-client.ts'

/** The same root helper, as it changes things. */
export interface RootDoer {
  /** Rejects with a `Refusal` where the policy does not allow it, or nobody could do it. */
  permit(operation: RootOperation): Promise<void>
  /**
   * Does it. Rejects with a `Refusal` where nothing was run, and with {@link Unreachable} where the executor went away in the
   * middle: then nobody knows.
   */
  operate(operation: RootOperation, id: OperationId): Promise<RootOutcome>
  policy(): Promise<PolicyView>
}

/** Longer than all deadlines of the executor together: what takes longer is dead. */
const answerWithin = minutes(3)

export function rootDoer(executor: Reached): RootDoer {
  const asking = async <Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    body?: unknown,
  ): Promise<z.output<Schema>> => {
    try {
      const token = await readSecret(executor.token)
      return await ask({ socketPath: executor.socket }, schema, {
        path,
        token,
        signal: AbortSignal.timeout(answerWithin),
        ...(body === undefined ? {} : { body }),
      })
    } catch (error) {
      if (error instanceof Refused) throw refusalOf(error)
      if (error instanceof SecretUnreadable || (error instanceof Unreachable && neverConnected(error))) {
        const message = `the executor does not answer, and nothing was run: ${explain(error)}`
        throw new Refusal('executor-unreachable', message, { hint: startIt, remedy: 'retry' })
      }
      throw error
    }
  }
  return {
    async permit(operation) {
      await asking(PermitAnswer, executorPaths.permit, { apiVersion, operation })
    },
    operate: (operation, id) => asking(RootOutcome, executorPaths.operations, { apiVersion, operation, id }),
    policy: async () => (await asking(PolicyAnswer, executorPaths.policy)).policy,
  }
}

function refusalOf({ code, message, hint }: Refused): Refusal {
  if (code === 'refused-by-policy') return new Refusal(code, message, { hint })
  if (code === 'not-authenticated' || code === 'not-found') {
    const words = `the executor does not take this from us: ${message}`
    return new Refusal('executor-unreachable', words, { hint: tokensOfBoth, remedy: 'retry' })
  }
  return new Refusal(code, message, { hint, remedy: 'ask' })
}

/** connect(2) failed: not a byte has gone out. */
function neverConnected({ cause }: Unreachable): boolean {
  return cause instanceof Error && 'syscall' in cause && cause.syscall === 'connect'
}
