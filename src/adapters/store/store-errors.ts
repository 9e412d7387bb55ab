import { OpsError } from '../../domain/errors.ts'

/** The store may not be used as it is: another has it, it is of a newer release, its folder is open to others. */
export class StoreRefused extends OpsError {
  readonly remedy = 'stop'
  /** What to do next. */
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.hint = hint
  }
}

/** A statement went against the schema, or could not be read: a fault of ours, not of the store. */
export class StatementFailed extends OpsError {
  readonly remedy = 'stop'
}
