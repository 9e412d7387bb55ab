import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { RunFilter } from '../../domain/ports/run-store.ts'
import { runId } from '../../../test/builders/run.ts'
import { temporaryFolder } from '../../../test/builders/temporary-folder.ts'
import { createStore, storeBounds } from './create-store.ts'
import { sqliteDatabase } from './open-sqlite.ts'
import type { SqliteOrder } from './sqlite-messages.ts'
import { type SqliteThread, startSqliteThread } from './sqlite-thread.ts'

const filters: readonly RunFilter[] = [
  { limit: 9 },
  { limit: 9, before: runId(5) },
  { limit: 9, parent: null },
  { limit: 9, parent: null, before: runId(5) },
  { limit: 9, states: ['left', 'failed'] },
  { limit: 9, states: ['left', 'failed'], parent: null, before: runId(5) },
  { limit: 9, procedure: 'scrub' },
  { limit: 9, procedure: 'scrub', parent: null, before: runId(5) },
  { limit: 9, procedure: 'scrub', states: ['left'] },
  { limit: 9, parent: runId(1) },
  { limit: 9, parent: runId(1), before: runId(5) },
]

test('however many runs there are, every list is read from an index, in its order', async () => {
  const path = join(temporaryFolder(), 'store.db')
  const thread = startSqliteThread({ path, mark: `${path}-mark` })
  const orders: SqliteOrder[] = []
  const watched: SqliteThread = {
    ...thread,
    async do(order) {
      orders.push(order)
      return thread.do(order)
    },
  }
  const store = await createStore(sqliteDatabase(watched, 0), storeBounds)
  onTestFinished(async () => store.close())
  for (const filter of filters) {
    orders.length = 0
    await store.transaction(async (transaction) => transaction.runs(filter))
    const queries = orders.filter((order) => order.kind === 'query')
    const plans = await Promise.all(
      queries.map(async (order) => thread.do({ ...order, sql: `explain query plan ${order.sql}` })),
    )
    const steps = plans.flatMap(({ rows }) => rows.map(({ detail }) => String(detail)))
    const slow = steps.filter((step) => !/^(?:SEARCH|SCAN) .*USING (?:COVERING )?INDEX|^SCALAR SUBQUERY/.test(step))
    expect({ filter, isAsked: steps.length > 0, slow }).toEqual({ filter, isAsked: true, slow: [] })
  }
})
