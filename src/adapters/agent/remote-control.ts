import type { z } from 'zod'
import {
  GrantAnswer,
  type GrantRequest,
  LookAnswered,
  type LookRequest,
  operationPaths,
  PolicyAnswer,
} from '../../api/operations.ts'
import { apiVersion } from '../../domain/observation.ts'
import type { Authority } from '../../domain/operation.ts'
import type { PolicyView } from '../../operations/policy.ts'
import { type LookAnswer, type LookNow, looks } from '../../observe/looks.ts'
import { readValue } from './answer-text.ts'
import { ask } from './ask.ts'
import type { Reach } from './reach.ts'
import { asRefusal } from './remote-refusal.ts'

/** Whom a host obeys, what it allows, and how it stands right now. */
export interface AgentControl {
  grant(signal?: AbortSignal): Promise<GrantAnswer>
  /** Asks the host to obey this controller. Rejects with `Refusal` where it obeys another. */
  claim(authority: Authority, options: { takeOver: boolean }, signal?: AbortSignal): Promise<GrantAnswer>
  look: LookNow
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
    look: async (what, asked, signal) => {
      const body = { apiVersion, what, question: asked } satisfies LookRequest
      const { value } = await question(LookAnswered, operationPaths.look, { body, signal })
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has been read by the schema of this very look
      return readValue(looks[what].Answer, value, `${operationPaths.look} (${what})`) as LookAnswer<typeof what>
    },
    policy: async (signal) => (await question(PolicyAnswer, operationPaths.policy, { signal })).policy,
  }
}
