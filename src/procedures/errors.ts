import type { FleetView } from '../domain/health/view.ts'
import { OpsError } from '../domain/errors.ts'
import { didYouMean } from '../domain/nearest.ts'
import { InvalidInput } from '../engine/errors.ts'

/** A host that the fleet file does not have. */
export class UnknownHost extends OpsError {
  readonly remedy = 'stop'

  constructor(name: string, known: readonly string[]) {
    super(`the fleet has no host ${name}${didYouMean(name, known)}`)
  }
}

/** A host that did not answer when it was last asked, or was not asked yet: what is on it is not known. */
export function hostNotSeen({ hosts }: FleetView, host: string): InvalidInput {
  const contact = hosts.find(({ declaration }) => declaration.name === host)?.contact
  const why = contact?.state === 'unreachable' ? `: ${contact.error}` : ''
  return new InvalidInput(
    `the agent of ${host} does not answer${why}`,
    'nothing can be planned for a host that is not seen',
  )
}

/** A pool is not imported: its host restarts, or somebody has exported it. */
export class PoolNotThere extends OpsError {
  readonly remedy = 'retry'
}

/** What was begun is not what it was: somebody else has paused or stopped it, or something has taken its place. */
export class Meddled extends OpsError {
  readonly remedy = 'ask'
}
