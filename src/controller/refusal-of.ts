import type { OperatorError } from '../api/operator-nouns.ts'
import { explain, OpsError } from '../domain/errors.ts'
import { NotNow } from '../engine/errors.ts'

/** There is no such run, mute, token or page. */
export class NotThere extends OpsError {
  readonly remedy = 'stop'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/** The request itself is not of the contract; `details` names each fault. */
export class BadRequest extends OpsError {
  readonly remedy = 'stop'
  readonly details: readonly string[]

  constructor(message: string, details: readonly string[] = []) {
    super(message)
    this.details = details
  }
}

/** Who asks may not. */
export class NotAllowed extends OpsError {
  readonly remedy = 'stop'
  readonly hint: string
  readonly status: 401 | 403

  constructor(status: 401 | 403, message: string, hint: string) {
    super(message)
    this.status = status
    this.hint = hint
  }
}

/** As things stand, it cannot be: a freeze, a newer controller, a store that is a copy. */
export class NotAsThingsStand extends OpsError {
  readonly remedy = 'ask'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

export type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 413 | 422 | 500 | 503

/**
 * The status and body of a refusal. By what an error says that the asker may do: what a person must look at is a conflict
 * (409), what may work later is not available now (503), what can never work was asked wrongly (422). An error that nobody
 * threw on purpose is our fault, and its text is for our log alone.
 */
export function refusalOf(error: unknown): { status: RefusalStatus; body: OperatorError } {
  if (!(error instanceof OpsError)) {
    return {
      status: 500,
      body: { error: { code: 'failed', message: 'the controller failed at this', hint: 'Its log says more.' } },
    }
  }
  const hint = 'hint' in error && typeof error.hint === 'string' && error.hint !== '' ? error.hint : undefined
  const details = detailsOf(error)
  return {
    status: statusOf(error),
    body: {
      error: {
        code: codeOf(error),
        message: explain(error),
        ...(hint === undefined ? {} : { hint }),
        ...(details.length === 0 ? {} : { details }),
      },
    },
  }
}

function statusOf(error: OpsError): RefusalStatus {
  if (error instanceof BadRequest) return 400
  if (error instanceof NotAllowed) return error.status
  if (error instanceof NotThere) return 404
  // What is right in itself and does not fit the state of a run.
  if (error instanceof NotNow) return 409
  switch (error.remedy) {
    case 'retry':
      return 503
    case 'ask':
      return 409
    case 'stop':
      return 422
    default:
      return error.remedy satisfies never
  }
}

/** `PlanOutOfDate` → `plan-out-of-date`; a refusal brings its own. */
function codeOf(error: OpsError): string {
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
}

function detailsOf(error: OpsError): string[] {
  for (const key of ['details', 'difference', 'objections'] as const) {
    const value: unknown = key in error ? Reflect.get(error, key) : undefined
    if (Array.isArray(value)) return value.filter((line): line is string => typeof line === 'string')
  }
  return []
}
