import {
  explain,
  NotPermitted,
  OpsError,
  ProgramMissing,
  Stuck,
  UnexpectedOutput,
  Unreachable,
} from '../domain/errors.ts'
import type { Trouble } from '../domain/observation.ts'
import type { Instant } from '../domain/units.ts'

/** What a failed look tells, by the class of its error; the innermost error that says more than "failed" decides. */
export function troubleOf(error: unknown, at: Instant, before: Trouble | null): Trouble {
  const said = describe(error)
  return { ...said, message: explain(error), at, since: before?.kind === said.kind ? before.since : at }
}

function describe(error: unknown): Pick<Trouble, 'kind' | 'hint' | 'raw'> {
  if (error instanceof UnexpectedOutput) return { kind: 'not-understood', raw: error.raw }
  if (error instanceof NotPermitted) return { kind: 'not-permitted', hint: error.hint }
  if (error instanceof ProgramMissing) return { kind: 'missing-program', hint: error.hint }
  if (error instanceof Stuck) return { kind: 'stuck' }
  if (error instanceof Unreachable) return { kind: 'unreachable' }
  const inner =
    error instanceof OpsError && error.cause !== undefined ? describe(error.cause) : { kind: 'failed' as const }
  const hint = error instanceof OpsError && 'hint' in error ? error.hint : undefined
  return typeof hint === 'string' ? { hint, ...inner } : inner
}
