import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { z } from 'zod'
import { isFinal, OperationState } from '../src/domain/operation.ts'
import { practiceMarks } from '../src/agent/operations/practice-marks.ts'
import { stateOfScrub } from '../src/sim/scan-view.ts'
import { type CrashBench, crashHosts } from './crash-bench.ts'
import type { Effect, Evidence, HostEvidence, LoggedOperation } from './crash-evidence.ts'

/** Everything that lies on disks and in the world. All processes but the simulator have ended. */
export async function lookAround(
  bench: CrashBench,
): Promise<Pick<Evidence, 'runs' | 'locks' | 'hosts' | 'effects' | 'scrubbing' | 'leftovers'>> {
  const store = await bench.openStore()
  try {
    const { runs, locks } = await store.transaction(async (transaction) => {
      const records = await transaction.runs({ limit: Number.MAX_SAFE_INTEGER })
      const found: Evidence['runs'][number][] = []
      for (const record of records) found.push({ record, events: await transaction.events(record.id) })
      return { runs: found, locks: await transaction.locks() }
    })
    return {
      runs,
      locks,
      hosts: await Promise.all(crashHosts.map(async (host) => lookAtHost(bench, host))),
      effects: await scrubEffects(bench.control),
      scrubbing: await scrubsLeft(bench),
      leftovers: readdirSync(bench.folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\.(new|half)$/.test(name),
      ),
    }
  } finally {
    await store.close()
  }
}

async function lookAtHost(bench: CrashBench, host: string): Promise<HostEvidence> {
  const folder = bench.operations(host)
  using log = new DatabaseSync(join(folder, 'operations.sqlite'), { readOnly: true })
  const operations = log
    .prepare('SELECT id, state, is_over FROM operations ORDER BY id')
    .all()
    .map(({ id, state, is_over: isOver }): LoggedOperation => {
      const kept = OperationState.parse(JSON.parse(String(state)))
      return { id: String(id), state: kept.state, isOver: isOver === 1 && isFinal(kept) }
    })
  return { host, operations, marks: await practiceMarks(join(folder, 'marks')).list() }
}

const Effects = z.object({ effects: z.array(z.object({ kind: z.string(), subject: z.string() })) })
const ScrubEffect = z.object({
  what: z.enum(['scrub started', 'scrub resumed', 'scrub paused', 'scrub stopped']),
  on: z.string(),
  by: z.string().optional(),
})

/** What the simulator has counted. */
async function scrubEffects(socketPath: string): Promise<Effect[]> {
  const answer = await new Promise<unknown>((resolve, reject) => {
    request({ socketPath, path: '/effects' }, (response) => {
      json(response).then(resolve, reject)
    })
      .once('error', reject)
      .end()
  })
  return Effects.parse(answer).effects.map(({ kind, subject }): Effect => {
    const [on, by] = subject.split(' by ')
    return { by: undefined, ...ScrubEffect.parse({ what: kind, on, by }) }
  })
}

async function scrubsLeft({ simulator }: CrashBench): Promise<string[]> {
  const world = await simulator.world()
  return world.hosts.flatMap(({ name, pools }) =>
    pools.flatMap((pool) => {
      const state = pool.scrub === null ? undefined : stateOfScrub(world, pool.scrub)
      return state === 'in-progress' || state === 'paused' ? [`${name}/${pool.name} (${state})`] : []
    }),
  )
}
