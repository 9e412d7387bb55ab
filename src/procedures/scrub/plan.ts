import { z } from 'zod'
import type { PoolOnHost } from '../../domain/health/pools-of-host.ts'
import type { FleetView } from '../../domain/health/view.ts'
import type { Json } from '../../domain/run.ts'
import { Duration } from '../../domain/units.ts'
import { InvalidInput } from '../../engine/errors.ts'
import { LoadedTiers, loadedTiers } from '../parts/load.ts'
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
  tiers: LoadedTiers,
  /** As long as the last scrub took; null where that is not known. */
  takes: Duration.nullable(),
})
export type PoolPlan = z.infer<typeof PoolPlan>

/** A plan without how long it may take: that changes with every scrub, and makes no other plan of it. */
export const essenceOf = ({ takes: _estimate, ...plan }: PoolPlan): Json => plan

/** Part of the input of both. */
export const ErrorsOnly = z
  .boolean()
  .default(false)
  .describe('Read only the blocks in the list of errors of a pool (OpenZFS 2.2 and later)')

/** What a scrub endangers, of one pool or of many; `slower`: who answers more slowly while it runs. */
export const endangers = (slower: string, more: readonly string[] = []): string[] => [
  'No data: a scrub reads, and writes only what it repairs.',
  slower,
  ...more,
  'Stopped half-way, it makes ZFS empty its list of damaged files, read or not (POOL_DATA_ERRORS remembers them): let it end.',
]

/** Plans the scrub of one pool, by the last look at it. */
export function planFor(
  { fleet }: FleetView,
  found: PoolOnHost,
  { errorsOnly: only }: { errorsOnly: boolean },
): PoolPlan {
  const { name, subject, host, stores, status, listed } = found
  const guid = listed?.guid ?? status?.guid
  if (guid === undefined) {
    throw new InvalidInput(
      `the pool ${subject} is not imported, or was not seen yet`,
      `import it, or see tiercel health --host ${host.name}`,
    )
  }
  const last = status && scrubIn(status)
  const isDone = last?.kind === 'scrub' && last.state === 'finished' && !only
  const took =
    isDone && last.startedAt !== undefined && last.endedAt !== undefined ? last.endedAt - last.startedAt : undefined
  return {
    host: host.name,
    pool: name,
    guid,
    errorsOnly: only,
    stores: stores.map((store) => store.name).toSorted(),
    tiers: loadedTiers(fleet, stores),
    takes: took === undefined ? null : Duration.parse(Math.max(0, took)),
  }
}
