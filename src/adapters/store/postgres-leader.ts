import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { Client } from 'pg'
import { postgresSocket } from './postgres-socket.ts'
import type { Schema } from './schema.ts'
import { StoreRefused } from './store-errors.ts'

/** Any number, the same for all controllers: one process a database holds this advisory lock, as long as its session lives. */
const leaderLock = 7_432_020

/** The server may notice only a while later that the one before is gone. */
const waitForLockMs = 15_000
const askEveryMs = 250

/** How often the session says that it lives. */
const beatMs = 5000

/** The lead of one database: one process has it, from `takeLead` to its end. */
export interface PostgresLead {
  /** Aborted when it is lost: another process may have it from then on. */
  lost: AbortSignal
  /** Writes into the store who leads: no transaction that a process before this one begins from then on comes to anything. */
  claim(db: Kysely<Schema>): Promise<void>
  /** Within a transaction: rejects where another has claimed the lead. */
  insist(db: Kysely<Schema>): Promise<void>
  end(): Promise<void>
}

/**
 * Takes the lock in a session of its own, and keeps it. That the session lives is not enough: whoever is cut off learns of it
 * later than the server. So each transaction also reads who has claimed the lead. All are serializable: one that began before
 * the claim is committed as if it had come before it, or not at all where the new one has read what it was about to change.
 */
export async function takeLead(url: string, called: string, waitMs = waitForLockMs): Promise<PostgresLead> {
  const lost = new AbortController()
  const lose = (): void =>
    lost.abort(
      new StoreRefused(
        `the lead of ${called} was lost: another controller may have it`,
        'Nothing more is written by this one. It ends; systemd starts it anew.',
      ),
    )
  const client = new Client({
    connectionString: url,
    application_name: 'tiercel controller, leader',
    ...postgresSocket,
  })
  client.on('error', lose)
  client.on('end', lose)
  await client.connect()
  // Of a machine that is gone, the server hears nothing: it lets go of the lock within some 20 s.
  await client.query('set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3')
  const deadline = performance.now() + waitMs
  while (!(await tryLock(client))) {
    if (performance.now() > deadline) {
      await client.end()
      throw new StoreRefused(
        `${called} is in use by another controller`,
        'One alone may have it: stop the other one first (pg_stat_activity names it).',
      )
    }
    await sleep(askEveryMs)
  }
  let isAsking = false
  const beat = setInterval(() => {
    if (isAsking) return
    isAsking = true
    void client
      .query('select 1')
      .catch(lose)
      .finally(() => {
        isAsking = false
      })
  }, beatMs)
  beat.unref()
  const process = randomUUID()
  return {
    lost: lost.signal,
    async claim(db) {
      await db
        .transaction()
        .setIsolationLevel('serializable')
        .execute(async (transaction) =>
          transaction
            .insertInto('leader')
            .values({ id: 1, process })
            .onConflict((conflict) => conflict.column('id').doUpdateSet({ process }))
            .execute(),
        )
    },
    async insist(db) {
      lost.signal.throwIfAborted()
      const { rows } = await sql<{ process: string }>`select process from leader`.execute(db)
      if (rows[0]?.process !== process) lose()
      lost.signal.throwIfAborted()
    },
    async end() {
      clearInterval(beat)
      client.off('end', lose)
      await client.end().catch(() => undefined)
    },
  }
}

async function tryLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [leaderLock])
  return rows[0]?.held === true
}
