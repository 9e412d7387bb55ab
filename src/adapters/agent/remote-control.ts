import type { z } from 'zod'
import {
  GrantAnswer,
  type GrantRequest,
  LookAnswered,
  type LookRequest,
  type NoteRequest,
  operationPaths,
  PolicyAnswer,
} from '../../api/operations.ts'
import { grantHeader } from '../../domain/grant-token.ts'
import { apiVersion } from '../../domain/observation.ts'
import type { Authority } from '../../domain/operation.ts'
import { type PublicKey, signedText, type Signer } from '../../domain/signed.ts'
import type { Instant } from '../../domain/units.ts'
import type { PolicyView } from '../../operations/policy.ts'
import { type LookAnswer, type LookNow, looks } from '../../observe/looks.ts'
import { readValue } from './answer-text.ts'
import { ask } from './ask.ts'
import type { Reach } from './reach.ts'
import { asRefusal } from './remote-refusal.ts'

/** Whom a host obeys, what it allows, and how it stands right now. */
export interface AgentControl {
  grant(signal?: AbortSignal): Promise<GrantAnswer>
  /** Asks the host to obey this controller, and to note its key. Rejects with `Refusal` where it obeys another. */
  claim(claim: Claim, signal?: AbortSignal): Promise<GrantAnswer>
  /** Has the host obey this controller, whatever it obeyed before: for whoever has its grant token. */
  note(granted: { authority: Authority; key: PublicKey }, signal?: AbortSignal): Promise<GrantAnswer>
  look: LookNow
  policy(signal?: AbortSignal): Promise<PolicyView>
}

/** What a controller asks a host for. */
export interface Claim {
  /** The agent that is meant, by its name in the fleet file. */
  host: string
  authority: Authority
  takeOver: boolean
  signer: Signer
  at: Instant
}

/** `grantToken`: that of the host, where whoever asks has to bring it along; behind SSH, the host itself does. */
export function remoteControl(
  reach: Reach,
  grantToken: () => Promise<string | undefined> = () => Promise.resolve(undefined),
): AgentControl {
  const question = async <Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    {
      body,
      signal,
      headers = {},
    }: { body?: unknown; signal?: AbortSignal | undefined; headers?: Record<string, string> },
  ): Promise<z.output<Schema>> => {
    try {
      return await reach(
        (route, needed) =>
          ask(route, schema, {
            path,
            signal,
            ...(body === undefined ? {} : { body }),
            ...needed,
            headers: { ...needed.headers, ...headers },
          }),
        signal,
      )
    } catch (error) {
      throw asRefusal(error)
    }
  }
  const granting = async (): Promise<Record<string, string>> => {
    const token = await grantToken()
    return token === undefined ? {} : { [grantHeader]: token }
  }
  return {
    grant: (signal) => question(GrantAnswer, operationPaths.grant, { signal }),
    claim: async ({ host, authority, takeOver, signer, at }, signal) => {
      const key = signer.publicKey
      const signature = signer.sign(signedText({ what: 'grant', host, authority, takeOver, key, at }))
      return question(GrantAnswer, operationPaths.grant, {
        body: { apiVersion, host, ...authority, takeOver, key, at, signature } satisfies GrantRequest,
        headers: await granting(),
        signal,
      })
    },
    note: async ({ authority, key }, signal) =>
      question(GrantAnswer, operationPaths.note, {
        body: { apiVersion, ...authority, key } satisfies NoteRequest,
        headers: await granting(),
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
