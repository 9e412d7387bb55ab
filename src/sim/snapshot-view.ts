import { OpsError } from '../domain/errors.ts'
import { type Hold, ownProperties, type Snapshot } from '../domain/snapshot.ts'
import { Bytes, Instant } from '../domain/units.ts'
import { isUsable } from './lookup.ts'
import type { SimSnapshot } from './sim-snapshot.ts'
import { datasetsOf } from './space.ts'
import type { SimHostState, World } from './world.ts'

/** As the real programs say it. */
class NoSuchDataset extends OpsError {
  readonly remedy = 'ask'
}

/** The snapshots of one dataset as `zfs list` tells them, oldest first. */
export function snapshotsOf(world: World, host: SimHostState, dataset: string): Snapshot[] {
  const pool = host.pools.filter(isUsable).find(({ name }) => name === dataset.split('/')[0])
  if (pool === undefined || !datasetsOf(world, host, pool).some(({ name }) => name === dataset)) {
    throw new NoSuchDataset(`cannot open '${dataset}': dataset does not exist`)
  }
  return pool.snapshots
    .filter(({ name }) => name.startsWith(`${dataset}@`))
    .toSorted((a, b) => a.createtxg - b.createtxg)
    .map(({ name, guid, createtxg, createdAt, referenced, isDeferred, properties, holds }) => ({
      name,
      guid,
      createtxg,
      creation: toSecond(createdAt),
      used: Bytes.parse(0),
      referenced: Bytes.parse(referenced),
      userrefs: holds.length,
      isDeferred,
      properties: Object.fromEntries(
        Object.entries(properties).filter(([property]) => ownProperties.some((own) => own === property)),
      ),
    }))
}

/** The tags of snapshots as `zfs holds` tells them, by name and tag. */
export function holdsOf(host: SimHostState, names: readonly string[]): Hold[] {
  return [...new Set(names)].toSorted().flatMap((name) =>
    snapshotNamed(host, name)
      .holds.toSorted((a, b) => (a.tag < b.tag ? -1 : 1))
      .map(({ tag, heldAt }) => ({ snapshot: name, tag, at: toSecond(heldAt) })),
  )
}

export function snapshotNamed(host: SimHostState, name: string): SimSnapshot {
  const found = host.pools
    .filter(isUsable)
    .flatMap(({ snapshots }) => snapshots)
    .find((snapshot) => snapshot.name === name)
  if (found === undefined) throw new NoSuchDataset(`cannot open '${name}': dataset does not exist`)
  return found
}

const toSecond = (moment: number): Instant => Instant.parse(Math.floor(moment / 1000) * 1000)
