import type { GrantAnswer, OperationRequest } from '../api/operations.ts'
import { explain, Refusal } from '../domain/errors.ts'
import type { Authority } from '../domain/operation.ts'
import type { IssuedOperations } from '../domain/ports/issued-operations.ts'

/** How one host stands to this controller. */
export type Stand =
  | { state: 'unasked' }
  | { state: 'silent'; error: string }
  | { state: 'ours' }
  /** It does not take us, or tells what is not so. Nothing follows from that for any other host. */
  | { state: 'apart'; says: string }
  /** It obeys another, or knows more of us than our store does: we are not the one that the fleet obeys. */
  | { state: 'lost'; says: string }

/** What a host is asked for its obedience by. */
export interface HostControl {
  grant(
    signal: AbortSignal,
  ): Promise<Pick<GrantAnswer, 'authority' | 'lastOperation'> & Partial<Pick<GrantAnswer, 'lastRequest'>>>
  /** Rejects with a `Refusal` where the host is not given to us. */
  claim(authority: Authority, options: { takeOver: boolean }, signal: AbortSignal): Promise<unknown>
}

/** Asks a host whom it obeys, and to obey us. Never rejects. */
export async function askHost(
  host: string,
  control: HostControl,
  ours: {
    authority: Authority
    issued: Pick<IssuedOperations, 'find'>
    /** Whether this was signed by our key. */
    isOurs: (request: OperationRequest) => boolean
    /** The store may be a copy: nothing is claimed then, the original would be refused. */
    mayBeCopy: boolean
    takeOverFrom: (controller: string) => boolean
  },
  signal: AbortSignal,
): Promise<Stand> {
  const { authority, issued, isOurs, mayBeCopy, takeOverFrom } = ours
  try {
    const { authority: obeyed, lastOperation, lastRequest = null } = await control.grant(signal)
    if (obeyed?.controller === authority.controller && obeyed.epoch > authority.epoch) {
      return {
        state: 'lost',
        says: `${host} obeys epoch ${obeyed.epoch} of ${obeyed.controller}, and this store has epoch ${authority.epoch}: somebody has taken over from it`,
      }
    }
    if (
      obeyed?.controller === authority.controller &&
      lastOperation !== null &&
      (await issued.find(lastOperation)) === undefined
    ) {
      const isProven = lastRequest?.id === lastOperation && lastRequest.host === host && isOurs(lastRequest)
      return isProven
        ? {
            state: 'lost',
            says: `${host} has done operation ${lastOperation} of this controller, which its store does not know: the store is an older copy`,
          }
        : {
            state: 'apart',
            says: `${host} tells of an operation ${lastOperation} of this controller, which its store does not know and its key has not signed; look at that host, then: tiercel controller take-over`,
          }
    }
    if (mayBeCopy) return { state: 'unasked' }
    await control.claim(authority, { takeOver: obeyed !== null && takeOverFrom(obeyed.controller) }, signal)
    return { state: 'ours' }
  } catch (error) {
    return error instanceof Refusal ? standOf(host, error) : { state: 'silent', error: explain(error) }
  }
}

/** How a host stands that has refused a change; undefined where that is about the change alone. */
export function standAfter(host: string, refusal: Refusal): Stand | undefined {
  return lost.has(refusal.code) || unsigned.has(refusal.code) ? standOf(host, refusal) : undefined
}

function standOf(host: string, { code, message, hint }: Refusal): Stand {
  const says = `${host}: ${message}`
  if (lost.has(code)) return { state: 'lost', says }
  return { state: 'apart', says: hint === undefined ? says : `${says} (${hint})` }
}

/** The host obeys another, or a newer one of us. */
const lost: ReadonlySet<string> = new Set(['other-controller', 'older-epoch', 'other-key'])
/** It has not noted our key. */
const unsigned: ReadonlySet<string> = new Set(['not-granted', 'bad-signature', 'look-only'])

export function saysOf(stand: Stand): string {
  switch (stand.state) {
    case 'ours':
      return 'obeys'
    case 'lost':
    case 'apart':
      return stand.says
    case 'silent':
      return `does not answer, and is claimed when it does (${stand.error})`
    case 'unasked':
      return 'was not asked'
    default:
      return stand satisfies never
  }
}
