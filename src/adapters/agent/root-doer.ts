import type { z } from 'zod'
import {
  CancelAnswer,
  executorPaths,
  longestRootSilenceMs,
  PermitAnswer,
  RootLine,
  type RootOutcome,
} from '../../api/executor.ts'
import { PolicyAnswer } from '../../api/operations.ts'
import { explain, Refusal, Unreachable } from '../../domain/errors.ts'
import type { Operation, OperationId } from '../../domain/operation.ts'
import { apiVersion } from '../../domain/observation.ts'
import { seconds } from '../../domain/units.ts'
import type { Progress } from '../../operations/operation.ts'
import type { PolicyView } from '../../operations/policy.ts'
import { readSecret, SecretUnreadable } from '../system/secrets.ts'
import { parseAnswer } from './answer-text.ts'
import { ask, Refused } from './ask.ts'
import { askLines } from './ask-lines.ts'
import { type Reached, startIt, tokensOfBoth } from './executor-client.ts'

/** The same root helper, as it changes things. */
export interface RootDoer {
  /** Rejects with a `Refusal` where the policy does not allow it, or nobody could do it. */
  permit(operation: Operation): Promise<void>
  /**
   * Does it, however long that takes. Rejects with a `Refusal` where nothing was run, and with {@link Unreachable} where the
   * executor went away in the middle: then nobody knows.
   */
  operate(operation: Operation, id: OperationId, told: (progress: Progress) => void): Promise<RootOutcome>
  /** Calls off what lasts; what takes a moment is brought to its end. */
  cancel(id: OperationId): Promise<void>
  policy(): Promise<PolicyView>
}

/** These change nothing, and take a moment. */
const answerWithin = seconds(60)

export function rootDoer(executor: Reached): RootDoer {
  const route = { socketPath: executor.socket }
  const refusing = async <T>(question: (token: string) => Promise<T>): Promise<T> => {
    try {
      return await question(await readSecret(executor.token))
    } catch (error) {
      if (error instanceof Refused) throw refusalOf(error)
      if (error instanceof SecretUnreadable || (error instanceof Unreachable && neverConnected(error))) {
        const message = `the executor does not answer, and nothing was run: ${explain(error)}`
        throw new Refusal('executor-unreachable', message, { hint: startIt, remedy: 'retry' })
      }
      throw error
    }
  }
  const asking = <Schema extends z.ZodType>(schema: Schema, path: string, body?: unknown): Promise<z.output<Schema>> =>
    refusing((token) => {
      const signal = AbortSignal.timeout(answerWithin)
      return ask(route, schema, { path, token, signal, ...(body === undefined ? {} : { body }) })
    })
  return {
    async permit(operation) {
      await asking(PermitAnswer, executorPaths.permit, { apiVersion, operation })
    },
    operate: (operation, id, told) =>
      refusing(async (token) => {
        const silent = new AbortController()
        const path = executorPaths.operations
        const isSilent = () => silent.abort(new Error(`nothing was heard for ${longestRootSilenceMs / 1000} s`))
        const timer = setTimeout(isSilent, longestRootSilenceMs)
        try {
          const body = { apiVersion, operation, id }
          for await (const text of await askLines(route, { path, body, token, signal: silent.signal })) {
            timer.refresh()
            const line = RootLine.parse(parseAnswer(text, path))
            if (line.kind === 'ended') return line.outcome
            if (line.kind === 'failed') throw new Refused(line.error)
            const { kind: _, ...progress } = line
            told(progress)
          }
        } finally {
          clearTimeout(timer)
        }
        throw new Unreachable(`the answer to ${path} ended early`)
      }),
    async cancel(id) {
      await asking(CancelAnswer, executorPaths.cancel, { apiVersion, id })
    },
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
