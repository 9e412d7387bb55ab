import type { Storage } from '../domain/ports/storage.ts'
import { Stuck, UnexpectedOutput } from '../domain/errors.ts'
import { listHolds } from '../adapters/zfs/holds.ts'
import { listSnapshots } from '../adapters/zfs/snapshots.ts'
import { CommandFailed, type Exec } from '../adapters/system/exec.ts'
import { commandText } from '../domain/command-text.ts'
import { datasetKeeper } from '../domain/dataset-list.ts'
import { Bytes } from '../domain/units.ts'
import { looked } from './looked.ts'
import { poolListing, poolStatusOf, stateOf } from './pool-view.ts'
import { datasetsOf } from './space.ts'
import { isUsable } from './lookup.ts'
import { runProgram } from './sim-programs.ts'
import type { SimArc, SimHostState, World } from './world.ts'

/** The ZFS of one simulated host, with the ways of the real one. */
export function simStorage(world: World, host: SimHostState): Storage {
  const program =
    <T>(command: string, answer: () => T) =>
    async (signal?: AbortSignal): Promise<T> => {
      signal?.throwIfAborted()
      return host.zfs.programs === 'hang' ? hang(command, signal) : answer()
    }
  /** What is read of a program is read by the real parsers. */
  const exec: Exec = async (file, args, { signal } = {}) => {
    signal?.throwIfAborted()
    const ended = runProgram(world, host, { file, args, by: '' })
    if (ended === 'hangs') return hang(commandText(file, args), signal)
    if (ended.exitCode !== 0) throw new CommandFailed({ file, args, ...ended }, `exited ${ended.exitCode}`)
    return ended.stdout
  }
  const imported = () => host.pools.filter((pool) => pool.imported)
  return {
    version: looked(() => {
      const { userland, module, json } = host.zfs
      return { userland, module, features: { json, vdevProperties: json } }
    }),
    poolStatus: program('zpool status', () => {
      if (host.zfs.programs === 'babble') {
        throw new UnexpectedOutput('zpool status: an answer of a shape that we do not know', babble)
      }
      return imported().map((pool) => poolStatusOf(world, host, pool))
    }),
    pools: program('zpool list', () => imported().map((pool) => poolListing(world, host, pool))),
    datasets: (ofStores, signal) =>
      program('zfs list', () => {
        const keeper = datasetKeeper(ofStores)
        const all = imported().filter(isUsable)
        for (const dataset of all.flatMap((pool) => datasetsOf(world, host, pool))) keeper.add(dataset)
        return keeper.list()
      })(signal),
    snapshots: (dataset, signal) => listSnapshots(exec, dataset, signal),
    holds: (snapshots, signal) => listHolds(exec, { userland: host.zfs.userland, snapshots }, signal),
    poolStates: async () => Object.fromEntries(imported().map((pool) => [pool.name, stateOf(pool)])),
    arc: async () => {
      const { hits, misses } = arcCounters(host.arc, world.now)
      const { size, minimum, maximum } = host.arc
      return {
        hits,
        misses,
        iohits: 0,
        size: Bytes.parse(size),
        target: Bytes.parse(size),
        minimum: Bytes.parse(minimum),
        maximum: Bytes.parse(maximum),
      }
    },
  }
}

/** The counters as they stand at a moment. */
export function arcCounters(arc: SimArc, now: number): { hits: number; misses: number } {
  const accesses = Math.floor(((now - arc.since) / 1000) * arc.accessesPerSecond)
  const hits = Math.floor(accesses * arc.hitShare)
  return { hits: arc.hits + hits, misses: arc.misses + accesses - hits }
}

/** Never answers by itself. Called off it says so, but the program is still there: it hangs in the kernel. */
function hang(command: string, signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Stuck(`${command} hangs in the kernel and cannot be killed`)), {
      once: true,
    })
  })
}

const babble = `  pool: hot-tier
 state: CONVALESCENT
status: One or more devices is thinking about it.
config:

	NAME        STATE         READ WRITE CKSUM
	hot-tier    CONVALESCENT     0     0     0
`
