import type { z } from 'zod'
import {
  GrantAnswer,
  type GrantRequest,
  lookAnswers,
  type LookRequest,
  operationPaths,
  PolicyAnswer,
  PracticeAnswer,
} from '../../api/operations.ts'
import { apiVersion } from '../../domain/observation.ts'
import type { Authority } from '../../domain/operation.ts'
import type { PoolState, PoolStatus } from '../../domain/pool-status.ts'
import type { Pool } from '../../domain/pool.ts'
import type { PolicyView } from '../../domain/policy.ts'
import { ask } from './ask.ts'
import type { Reach } from './reach.ts'
import { asRefusal } from './remote-refusal.ts'

/** Whom a host obeys, what it allows, and how it stands right now. */
export interface AgentControl {
  grant(signal?: AbortSignal): Promise<GrantAnswer>
  /** Asks the host to obey this controller. Rejects with `Refusal` where it obeys another. */
  claim(authority: Authority, options: { takeOver: boolean }, signal?: AbortSignal): Promise<GrantAnswer>
  /** A look that is taken now, like the next two. */
  poolStatus(signal?: AbortSignal): Promise<PoolStatus[]>
  pools(signal?: AbortSignal): Promise<Pool[]>
  poolStates(signal?: AbortSignal): Promise<Record<string, PoolState>>
  practiceMarks(signal?: AbortSignal): Promise<PracticeAnswer['marks']>
  policy(signal?: AbortSignal): Promise<PolicyView>
}

export function remoteControl(reach: Reach): AgentControl {
  const question = async <Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    { body, signal }: { body?: unknown; signal?: AbortSignal | undefined },
  ): Promise<z.output<Schema>> => {
    try {
      return await reach(
        (route, needed) => ask(route, schema, { path, signal, ...(body === undefined ? {} : { body }), ...needed }),
        signal,
      )
    } catch (error) {
      throw asRefusal(error)
    }
  }
  return {
    grant: (signal) => question(GrantAnswer, operationPaths.grant, { signal }),
    claim: ({ controller, epoch }, { takeOver }, signal) =>
      question(GrantAnswer, operationPaths.grant, {
        body: { apiVersion, controller, epoch, takeOver } satisfies GrantRequest,
        signal,
      }),
    poolStatus: async (signal) =>
      (await question(lookAnswers['pool-status'], operationPaths.look, { body: look('pool-status'), signal })).value,
    pools: async (signal) =>
      (await question(lookAnswers.pools, operationPaths.look, { body: look('pools'), signal })).value,
    poolStates: async (signal) =>
      (await question(lookAnswers['pool-states'], operationPaths.look, { body: look('pool-states'), signal })).value,
    practiceMarks: async (signal) => (await question(PracticeAnswer, operationPaths.practice, { signal })).marks,
    policy: async (signal) => (await question(PolicyAnswer, operationPaths.policy, { signal })).policy,
  }
}

const look = (what: LookRequest['what']): LookRequest => ({ apiVersion, what })
