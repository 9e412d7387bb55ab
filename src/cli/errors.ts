import { OpsError } from '../domain/errors.ts'

/** The command line asks for something that does not exist or does not fit together. */
export class UsageError extends OpsError {
  readonly remedy = 'stop'
}
