import { hostOf } from '../../src/sim/lookup.ts'
import type { SimSnapshot } from '../../src/sim/sim-snapshot.ts'
import type { World } from '../../src/sim/world.ts'

/** Makes a snapshot on a simulated host, as if somebody had. */
export function makeSnapshot(world: World, host: string, name: string, operation?: string): SimSnapshot {
  const pool = hostOf(world, host).pools.find((one) => name.startsWith(`${one.name}/`))
  if (pool === undefined) throw new Error(`no pool of ${name} on ${host}`)
  const createtxg = 10_000 + pool.snapshots.length
  const snapshot: SimSnapshot = {
    name,
    guid: `1823000000000${createtxg}`,
    createtxg,
    createdAt: world.now,
    referenced: 4096,
    properties: operation === undefined ? {} : { 'tiercel:operation': operation },
    holds: [],
  }
  pool.snapshots.push(snapshot)
  return snapshot
}
