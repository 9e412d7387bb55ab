import { socketAgent } from '../adapters/agent/agent-client.ts'
import { readSecret } from '../adapters/system/secrets.ts'
import type { AgentConfig } from '../domain/agent-config.ts'
import { OpsError } from '../domain/errors.ts'
import { Authority } from '../domain/operation.ts'
import { PublicKey } from '../domain/signed.ts'

/** What was typed names no controller. */
class NoController extends OpsError {
  readonly remedy = 'stop'
}

/** `tiercel agent grant`: by the agent that runs, with the grant token of this host. Gives what it says then. */
export async function grantByHand(
  { socket, token, grantToken }: AgentConfig,
  typed: { controller: string; epoch: string; key: string },
): Promise<string> {
  const authority = Authority.safeParse({ controller: typed.controller, epoch: Number(typed.epoch) })
  const key = PublicKey.safeParse(typed.key)
  if (!authority.success || !key.success) {
    const [issue] = [...(authority.error?.issues ?? []), ...(key.error?.issues ?? [])]
    throw new NoController(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim())
  }
  // Here rather than with the request, which goes without it where it cannot be read: this says which file, and what to do.
  await readSecret(grantToken)
  const client = socketAgent(socket, token, grantToken)
  try {
    const { host } = await client.control.note(
      { authority: authority.data, key: key.data },
      AbortSignal.timeout(20_000),
    )
    return `${host} obeys ${typed.controller} of epoch ${typed.epoch}, by the key ${typed.key}`
  } finally {
    client.close()
  }
}
