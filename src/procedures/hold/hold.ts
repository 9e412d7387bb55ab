import { z } from 'zod'
import { answered } from '../../domain/health/view.ts'
import { didYouMean } from '../../domain/nearest.ts'
import { Snapshot } from '../../domain/snapshot.ts'
import { Duration, milliseconds, minutes } from '../../domain/units.ts'
import { InvalidInput } from '../../engine/errors.ts'
import { procedure } from '../../engine/procedure.ts'
import type { LookContext, Step } from '../../engine/step.ts'
import { datasetHold, mostHeldAtOnce, namesOf, tagOf } from '../../operations/dataset-hold.ts'
import { datasetRelease } from '../../operations/dataset-release.ts'
import { isMeant } from '../../operations/scope.ts'
import { hostNotSeen } from '../errors.ts'
import { alone } from '../parts/load.ts'
import { operationStep } from '../parts/operation-step.ts'
import { asPreflight, holds, judged, objection } from '../parts/verdict.ts'
import type { World } from '../world.ts'
import { holdExamples } from './examples.ts'

const Plan = z.object({
  host: z.string(),
  store: z.string(),
  dataset: z.string(),
  snapshots: z.array(Snapshot.pick({ name: true, guid: true })),
})
type Plan = z.infer<typeof Plan>

/** Holds snapshots of a store, so that nothing destroys them; undone, it releases them. */
export const hold = procedure<World>()({
  name: 'hold',
  title: 'Hold snapshots of a store',
  about:
    'Holds snapshots of the dataset of a store, all or those whose names fit: nothing destroys them then, neither a schedule nor a person, until the run is undone. Holds of others are left as they are. Before work that may need the state of today.',
  stays: 'the snapshots are held',
  class: 'change',
  kind: 'steps',
  Input: z.strictObject({
    host: z.string().describe('The host of the store'),
    store: z.string().describe('The store'),
    matching: z.string().min(1).max(128).default('*').describe('Which snapshots: * stands for any characters'),
  }),
  Plan,
  goodFor: minutes(30),
  async plan({ host, store, matching }, { world, signal }) {
    const view = await world.view(signal)
    const stores = view.fleet.hosts.flatMap((one) =>
      one.stores.map(({ name, dataset }) => ({ at: `${one.name}/${name}`, dataset })),
    )
    const names = stores.map(({ at }) => at)
    const found = stores.find(({ at }) => at === `${host}/${store}`)
    if (found?.dataset === undefined) {
      const why =
        found === undefined ? `there is no store ${host}/${store}` : `${host}/${store} is not said to have a dataset`
      throw new InvalidInput(`${why}${didYouMean(`${host}/${store}`, names)}`, `stores: ${names.join(', ')}`)
    }
    if (!answered(view).some(({ name }) => name === host)) throw hostNotSeen(view, host)
    const { dataset } = found
    const all = await world.host(host).look('snapshots', { dataset }, signal)
    const snapshots = all
      .map(({ name, guid }) => ({ name: name.slice(dataset.length + 1), guid }))
      .filter(({ name }) => isMeant(matching, name))
    if (snapshots.length > 0) return { host, store, dataset, snapshots }
    throw new InvalidInput(`${dataset} on ${host} has no snapshot that fits ${matching}`, `it has ${all.length} in all`)
  },
  outlook: ({ host, store, snapshots }) => ({
    title: `Hold ${snapshots.length} snapshots of ${host}/${store}`,
    takes: takesFor(snapshots.length),
    endangers: ['No data. What is held keeps its space, also where a schedule would have freed it.'],
  }),
  preflight: async ({ host, dataset, snapshots }, { world, signal }) => {
    const look = world.host(host).look('snapshots', { dataset }, signal)
    const verdict = await judged(look, (all) => {
      const guids = new Map(all.map(({ name, guid }) => [name, guid]))
      const gone = snapshots.filter(({ name, guid }) => guids.get(`${dataset}@${name}`) !== guid)
      return gone.length === 0
        ? holds(`all ${snapshots.length}`)
        : objection(`gone, or made anew: ${gone.map(({ name }) => name).join(', ')}`)
    })
    return asPreflight([[`The snapshots of ${dataset} on ${host} are there`, verdict]])
  },
  locks: ({ host, dataset }) => [alone(host, `dataset:${dataset}`)],
  steps: (plan) =>
    Array.from({ length: Math.ceil(plan.snapshots.length / mostHeldAtOnce) }, (_, index) =>
      holdStep(plan, plan.snapshots.slice(index * mostHeldAtOnce, (index + 1) * mostHeldAtOnce), index),
    ),
  examples: holdExamples,
})

/** 0.13 s each, on 2.3.2. */
const takesFor = (count: number): Duration => Duration.parse(milliseconds(200 * count))

function holdStep({ host, dataset }: Plan, snapshots: Plan['snapshots'], index: number): Step<World> {
  const words = { dataset, snapshots }
  const names = namesOf(words)
  /** The tags of ours that snapshots carry: of one that is gone nothing is held. */
  const ours = async ({ world, signal, begun }: LookContext<World>) => {
    const look = world.host(host).look
    const there = (await look('snapshots', { dataset }, signal)).filter(
      ({ name, userrefs }) => names.includes(name) && userrefs > 0,
    )
    if (there.length === 0) return []
    const tags = new Map((begun?.operations ?? []).map((id) => [tagOf(id), id]))
    const tagged = await look('holds', { snapshots: there.map(({ name }) => name) }, signal)
    return tagged.flatMap(({ snapshot, tag }) => {
      const by = tags.get(tag)
      return by === undefined || !names.includes(snapshot) ? [] : [{ snapshot, by }]
    })
  }
  return operationStep({
    id: `hold-${index}`,
    title: `Hold ${snapshots.length} snapshots of ${dataset} on ${host}`,
    host,
    operation: datasetHold.of(words),
    takes: takesFor(snapshots.length),
    Result: z.object({ held: z.int() }),
    look: async (context) => {
      const count = new Set((await ours(context)).map(({ snapshot }) => snapshot)).size
      return count === names.length ? { state: 'done', result: { held: count } } : { state: 'absent' }
    },
    undo: {
      title: `Release what was held of ${dataset} on ${host}`,
      operation: datasetRelease.of({ ...words, heldBy: ['OPERATION'] }),
      async left(context) {
        const still = await ours(context)
        // Of many attempts, those that have held something: an operation takes so many words, and no more.
        const heldBy = [...new Set(still.map(({ by }) => by))].slice(0, mostHeldAtOnce)
        const theirs = snapshots.filter(({ name }) => still.some(({ snapshot }) => snapshot === `${dataset}@${name}`))
        return theirs.length === 0 ? undefined : datasetRelease.of({ dataset, snapshots: theirs, heldBy })
      },
    },
  })
}
