import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { workerData } from 'node:worker_threads'
import { z } from 'zod'
import { systemClock } from '../../adapters/system/clock.ts'
import { carryOutOrders } from '../../adapters/system/thread-orders.ts'
import { Duration } from '../../domain/units.ts'
import { LogDatabase } from './log-database.ts'
import type { LogOrder } from './log-order.ts'

// The thread that keeps the log of operations.

const { folder, keepFor } = z.object({ folder: z.string(), keepFor: Duration }).parse(workerData)

/** Opened at the first order, and again after a failure to: the disk may have been full. */
let database: LogDatabase | undefined

function open(): LogDatabase {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return new LogDatabase(join(folder, 'operations.sqlite'), { keepFor, now: systemClock.now() })
}

function obey(order: LogOrder): unknown {
  database ??= open()
  const now = systemClock.now()
  switch (order.call) {
    case 'lose':
      return database.lose(now)
    case 'judge':
      return database.judge(order.request, now)
    case 'accept':
      return database.accept(order.request, now)
    case 'find':
      return database.find(order.id)
    case 'write':
      return database.write(order.id, order.state, now)
    case 'grant':
      return database.grant()
    case 'take':
      return database.take(order.request, order.mayGrant)
    case 'note':
      return database.note(order.granted)
    case 'authorize':
      return database.authorize(order.authority)
    case 'use':
      return database.use(order.signature, now)
    case 'close':
      database.close()
      database = undefined
      return undefined
    default:
      return order satisfies never
  }
}

carryOutOrders(obey)
