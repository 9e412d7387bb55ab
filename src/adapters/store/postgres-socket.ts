import { Socket } from 'node:net'
import type { ClientConfig } from 'pg'

/** A statement of ours takes milliseconds; what takes longer than this is ended by the server, and tried again. */
const statementWithinMs = 10_000
/** Whoever waits so long for a lock stands behind somebody who does not belong here. */
const lockWithinMs = 5000
/** Longer than the server needs to say that it has ended a statement: after that it says nothing any more. */
export const silentAfterMs = 12_000
const connectWithinMs = 10_000

/**
 * How we connect: with deadlines on both sides. A server that takes everything and gives nothing back loses the connection; all
 * that was asked over it ends with ETIMEDOUT.
 */
export const postgresSocket = socketWithin(silentAfterMs)

/** For tests, `silentMs` can be short. */
export function socketWithin(silentMs: number): ClientConfig {
  return {
    connectionTimeoutMillis: connectWithinMs,
    statement_timeout: statementWithinMs,
    lock_timeout: lockWithinMs,
    idle_in_transaction_session_timeout: silentAfterMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    stream: () => {
      const socket = new Socket()
      // Also one that nobody uses: it is made anew when it is needed.
      return socket.setTimeout(silentMs, () => socket.destroy(silence(silentMs)))
    },
  }
}

const silence = (ms: number): Error =>
  Object.assign(new Error(`the server has been silent for ${Math.round(ms / 1000)} s`), { code: 'ETIMEDOUT' })
