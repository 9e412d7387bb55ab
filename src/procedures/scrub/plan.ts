import { z } from 'zod'
import type { PoolOnHost } from '../../domain/health/pools-of-host.ts'
import type { FleetView } from '../../domain/health/view.ts'
import type { Json } from '../../domain/run.ts'
import { Duration } from '../../domain/units.ts'
import { InvalidInput } from '../../engine/errors.ts'
import { atOnceOf, findPool, keyOf } from '../parts/pool.ts'
import { scrubIn } from './records.ts'

/** What is to be scrubbed, and what it is held against. */
export const PoolPlan = z.object({
  host: z.string(),
  pool: z.string(),
  guid: z.string(),
  errorsOnly: z.boolean(),
  /** The stores that lie on it. */
  stores: z.array(z.string()),
  /** Their tiers, with how many pools of each may be scrubbed at once. */
  tiers: z.array(z.object({ name: z.string(), atOnce: z.int().positive() })),
  /** As long as the last scrub took; null where that is not known. */
  takes: Duration.nullable(),
})
export type PoolPlan = z.infer<typeof PoolPlan>

/** A plan without how long it may take: that changes with every scrub, and makes no other plan of it. */
export const essenceOf = ({ takes: _estimate, ...plan }: PoolPlan): Json => plan

/** Plans the scrub of one pool, by the last look at it. */
export function planOfPool(view: FleetView, at: { host: string; pool: string; errorsOnly: boolean }): PoolPlan {
  const found = findPool(view, at)
  const guid = found.listed?.guid ?? found.status?.guid
  if (guid === undefined) {
    throw new InvalidInput(
      `the pool ${keyOf(at)} is not imported, or was not seen yet`,
      `import it, or see tiercel health --host ${at.host}`,
    )
  }
  return planFor(view, found, { guid, errorsOnly: at.errorsOnly })
}

export function planFor(
  { fleet }: FleetView,
  { name, host, stores, status }: PoolOnHost,
  { guid, errorsOnly }: { guid: string; errorsOnly: boolean },
): PoolPlan {
  const tiers = [...new Set(stores.map(({ tier }) => tier))].toSorted()
  const last = status === undefined ? undefined : scrubIn(status)
  const isDone = last?.kind === 'scrub' && last.state === 'finished'
  const took =
    isDone && last.startedAt !== undefined && last.endedAt !== undefined ? last.endedAt - last.startedAt : undefined
  return {
    host: host.name,
    pool: name,
    guid,
    errorsOnly,
    stores: stores.map((store) => store.name).toSorted(),
    tiers: tiers.map((tier) => ({ name: tier, atOnce: atOnceOf(fleet, tier) })),
    takes: took === undefined || errorsOnly ? null : Duration.parse(Math.max(0, took)),
  }
}
