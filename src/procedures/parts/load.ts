import { z } from 'zod'
import type { FleetView } from '../../domain/health/view.ts'
import type { LockRequest } from '../../domain/run.ts'
import { onHost, type Subject } from '../../domain/subject.ts'
import { Duration } from '../../domain/units.ts'

/** Alone on something on a host. */
export const alone = (host: string, subject: Subject): LockRequest => ({ key: onHost(host, subject), capacity: 1 })

/** The tiers that have load while something works on their stores, with how many pools of each may have it at once. */
export const LoadedTiers = z.array(z.object({ name: z.string(), atOnce: z.int().positive() }))
type LoadedTiers = z.infer<typeof LoadedTiers>

/** A tenth of the stores of a tier may have load at once, at least one: what has none answers faster. */
export const loadedTiers = ({ hosts }: FleetView['fleet'], on: readonly { tier: string }[]): LoadedTiers =>
  [...new Set(on.map(({ tier }) => tier))].toSorted().map((name) => {
    const stores = hosts.flatMap((host) => host.stores.filter(({ tier }) => tier === name))
    return { name, atOnce: Math.max(1, Math.floor(stores.length / 10)) }
  })

/** Background work on a pool: one a host, and so many of each tier. */
export const backgroundLoad = (host: string, tiers: LoadedTiers): LockRequest[] => [
  { key: `background:host:${host}`, capacity: 1 },
  ...tiers.map(({ name, atOnce }) => ({ key: `background:tier:${name}`, capacity: atOnce })),
]

/** The host or the tier with the most to do sets the time, where all of it is known. */
export function durationOf(
  pools: readonly { host: string; takes: Duration | null; tiers: LoadedTiers }[],
): Duration | undefined {
  const work = new Map<string, number>()
  const add = (key: string, time: number) => work.set(key, (work.get(key) ?? 0) + time)
  for (const { host, takes, tiers } of pools) {
    if (takes === null) return undefined
    add(`host ${host}`, takes)
    for (const { name, atOnce } of tiers) add(`tier ${name}`, takes / atOnce)
  }
  return Duration.parse(Math.max(0, ...work.values()))
}
