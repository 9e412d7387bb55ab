import { DatabaseError } from 'pg'
import { OpsError } from '../../domain/errors.ts'
import { StoreUnusable } from '../../domain/ports/run-store.ts'
import type { PostgresAddress } from './postgres-url.ts'
import { StatementFailed } from './store-errors.ts'

/** Two writers have met: serialization_failure, deadlock_detected. */
const conflicts = new Set(['40001', '40P01'])

export const isConflict = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code !== undefined && conflicts.has(error.code)

/** Whether the server was lost, so that nothing is known of what it was last asked. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof OpsError) return false
  if (error instanceof DatabaseError) return /^(?:08|57P0[1-5])/.test(error.code ?? '')
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^E(?:CONN|PIPE|NOENT|NOTFOUND|HOST|NET|TIMEDOUT|ACCES|AI_)/.test(code) ||
    // `pg` gives these without a code.
    /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
      error.message,
    )
  )
}

/**
 * An error of the database as one of ours, without what is secret in its address: so the original is not kept as its
 * cause. Errors that are not of the database are given back as they are.
 */
export function explainPostgres(error: unknown, { called, redact }: PostgresAddress): unknown {
  if (!(error instanceof Error) || error instanceof OpsError) return error
  const said = redact(error.message)
  if (isLost(error)) {
    return new StoreUnusable(`${called} does not answer: ${said}`, {
      hint: 'Look whether it runs and can be reached; what was not stored is tried again, nothing is half-written.',
    })
  }
  if (!(error instanceof DatabaseError)) return error
  const { code = '' } = error
  if (code.startsWith('28')) {
    return new StoreUnusable(`${called} does not let us in: ${said}`, {
      remedy: 'ask',
      hint: 'Look at the user and the secret in its address, and at pg_hba.conf.',
    })
  }
  if (code === '3D000') {
    return new StoreUnusable(`${called} is not there: ${said}`, { remedy: 'ask', hint: 'Make it with createdb.' })
  }
  // query_canceled, lock_not_available, idle_in_transaction_session_timeout: our own deadlines.
  if (['57014', '55P03', '25P03'].includes(code)) {
    return new StoreUnusable(`${called} is too slow: ${said}`, {
      hint: 'Look at the load of its server, and who else is in this database; nothing is half-written.',
    })
  }
  if (code.startsWith('53') || code.startsWith('58')) {
    return new StoreUnusable(`${called} cannot write: ${said}`, {
      hint: 'Look at the space, the memory and the log of its server; nothing is half-written.',
    })
  }
  if (code === '25006') {
    return new StoreUnusable(`${called} may only be read: ${said}`, {
      remedy: 'ask',
      hint: 'Name the primary server, not a standby.',
    })
  }
  if (code.startsWith('XX')) {
    return new StoreUnusable(`${called} is damaged: ${said}`, { remedy: 'ask', hint: 'Look at the log of its server.' })
  }
  return new StatementFailed(`${called} refused a statement: ${said} (${code})`)
}
