import type { Hono } from 'hono'
import { apiError } from '../api/agent.ts'
import { LookRequest, operationPaths } from '../api/operations.ts'
import { explain, OpsError, Stuck } from '../domain/errors.ts'
import { apiVersion } from '../domain/observation.ts'
import type { PoolState, PoolStatus } from '../domain/pool-status.ts'
import type { Pool } from '../domain/pool.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Storage } from '../domain/ports/storage.ts'
import { type Duration, seconds } from '../domain/units.ts'

/**
 * Looks for those who must not go by an old observation: each sees a look that began after it had asked. One look of a kind
 * at a time: who comes while one is under way shares the next. One that does not end is no look, and none is begun beside it.
 */
export interface FreshLooks {
  'pool-status': () => Promise<PoolStatus[]>
  pools: () => Promise<Pool[]>
  'pool-states': () => Promise<Record<string, PoolState>>
}

/** There is nothing to look at. */
class NotOnZfs extends OpsError {
  readonly remedy = 'stop'
}

/** Where a gate waits for it, this is long; a `zpool` on a busy machine takes seconds. */
const lookWithin = seconds(20)

export function freshLooks(storage: Storage | undefined, clock: Clock, within: Duration = lookWithin): FreshLooks {
  const opened = (): Storage => {
    if (storage === undefined) throw new NotOnZfs('no store of this host is on ZFS, so there is no pool to look at')
    return storage
  }
  return {
    'pool-status': desk(async (signal) => opened().poolStatus(signal), { clock, within }),
    pools: desk(async (signal) => opened().pools(signal), { clock, within }),
    'pool-states': desk(async () => opened().poolStates(), { clock, within }),
  }
}

function desk<T>(
  look: (signal: AbortSignal) => Promise<T>,
  { clock, within }: { clock: Clock; within: Duration },
): () => Promise<T> {
  /** The look that began last; it may hang for longer than anybody waits. */
  let current: Promise<unknown> | undefined
  let next: Promise<T> | undefined

  const begin = async (): Promise<T> => {
    const late = new AbortController()
    const { promise: tooLate, reject } = Promise.withResolvers<never>()
    const callOff = clock.after(within, () => {
      const error = new Stuck(`a look did not end within ${within / 1000} s`)
      late.abort(error)
      reject(error)
    })
    try {
      await Promise.race([current?.catch(() => undefined), tooLate])
      next = undefined
      const mine = look(late.signal)
      current = mine
      return await Promise.race([mine, tooLate])
    } finally {
      callOff()
    }
  }
  return () => {
    if (next !== undefined) return next
    const mine = begin()
    next = mine
    const forget = () => {
      if (next === mine) next = undefined
    }
    mine.then(forget, forget)
    return mine
  }
}

export function addLookRoute(app: Hono, looks: FreshLooks): void {
  app.post(operationPaths.look, async (context) => {
    const request = LookRequest.safeParse(await context.req.json().catch(() => undefined))
    if (!request.success) {
      return context.json(
        apiError('bad-request', `what can be looked at: ${LookRequest.shape.what.options.join(', ')}`),
        400,
      )
    }
    try {
      return context.json({ apiVersion, value: await looks[request.data.what]() })
    } catch (error) {
      return context.json(apiError(error instanceof Stuck ? 'stuck' : 'failed', explain(error)), 503)
    }
  })
}
