import { OpsError } from '../domain/errors.ts'

/** The files of a pin index are not what they should be, or cannot be made; it is made anew from the lists. */
export class IndexFailed extends OpsError {
  readonly remedy = 'retry'
}

/** There is no pin index yet: its first one is being made, or waits for its turn. */
export class NotIndexedYet extends OpsError {
  readonly remedy = 'retry'
  readonly hint = 'Look again in a minute: an agent that was just started reads its lists first.'
}
