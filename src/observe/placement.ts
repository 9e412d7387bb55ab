import { explain } from '../domain/errors.ts'
import type { FleetView } from '../domain/health/view.ts'
import type { PlacementAnswer } from '../domain/placement/answer.ts'
import { type Asked, asTheyStand, copyMissing, hasUnnamed, referenceOf } from '../domain/placement/ask.ts'
import { assess, type NamedPin } from '../domain/placement/assess.ts'
import type { ClusterPlacement } from '../domain/placement/cluster-placement.ts'
import { type Member, membersOf } from '../domain/placement/member.ts'
import type { PlacementQuestion } from '../domain/placement/question.ts'
import type { PinException } from '../domain/pins/pinset-summary.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import type { PinIndex, PinSnapshot } from '../domain/ports/pin-index.ts'
import { age, type Duration } from '../domain/units.ts'

/** Asks the index of one store; rejects where nobody answers. */
export type AskPlacement = (
  where: { host: string; store: string },
  question: PlacementQuestion,
  signal?: AbortSignal,
) => Promise<PlacementAnswer>

/** Whom to ask about pins; a fleet that is read can do both. */
export interface PlacementSources {
  placement: AskPlacement
  pins: (host: string, store: string) => PinIndex
}

/** All exceptions of one cluster that are asked for: some megabytes. Peers beyond it count as not known. */
const maxNamed = 50_000

/**
 * The same members, those with more missing copies than their summary names with all that their index keeps. What cannot be had
 * stays as it was, and counts as not known.
 */
export async function withAllNamed(
  members: readonly Member[],
  pins: PlacementSources['pins'],
  signal?: AbortSignal,
): Promise<Member[]> {
  let left = maxNamed
  const complete: Member[] = []
  for (const member of members) {
    const { host, store, lists } = member
    if (lists === undefined || host === undefined || store === undefined || !hasUnnamed(member)) {
      complete.push(member)
      continue
    }
    const exceptions: PinException[] = []
    try {
      for (const kind of [...copyMissing, 'incomplete'] as const) {
        for await (const exception of pins(host, store).exceptions(kind, signal)) {
          if (left === 0) break
          left -= 1
          exceptions.push(exception)
        }
      }
      complete.push({ ...member, lists: { ...lists, exceptions } })
    } catch {
      complete.push(member)
    }
  }
  return complete
}

/** How the pins of every cluster stand whose pins somebody indexes. Never rejects: what could not be asked is unknown. */
export async function placementsOf(
  view: FleetView,
  { placement: ask, pins }: PlacementSources,
  signal?: AbortSignal,
): Promise<ClusterPlacement[]> {
  const all = view.fleet.clusters.map(async ({ name }) => {
    const members = membersOf(view, name)
    const expected = members.some(({ lists, noLists }) => lists !== undefined || noLists !== undefined)
    if (!expected) return []
    const named = await withAllNamed(members, pins, signal)
    return [await placementOf(name, named, asTheyStand(named), ask, signal)]
  })
  return (await Promise.all(all)).flat()
}

/** What the index of one member says to a question about its cluster. */
export async function placementOf(
  cluster: string,
  members: readonly Member[],
  { question, unsure }: Asked,
  ask: AskPlacement,
  signal?: AbortSignal,
): Promise<ClusterPlacement> {
  const reference = referenceOf(members)
  const { host, store, lists, called } = reference?.member ?? {}
  if (reference === undefined || host === undefined || store === undefined || lists === undefined) {
    const why = members.find(({ noLists }) => noLists !== undefined)
    const reason =
      why?.noLists === undefined ? 'no peer of it has an index of its pins' : `${why.called}: ${why.noLists}`
    return { state: 'unknown', cluster, reason }
  }
  try {
    const { assessment, took, readAt } = await ask({ host, store }, question, signal)
    return {
      state: 'known',
      cluster,
      by: called ?? `${host}/${store}`,
      age: lists.age,
      took,
      assessment,
      unsure,
      unverified: members.flatMap((member) => (member.lists?.summary.unverified === true ? [member.called] : [])),
      others: reference.others,
      readAt,
    }
  } catch (error) {
    return { state: 'unknown', cluster, reason: `the pin index of ${host}/${store} gave no answer: ${explain(error)}` }
  }
}

/** Where questions about the pinset of one store are answered. */
export type PlacementDesk = (question: PlacementQuestion, signal?: AbortSignal) => Promise<PlacementAnswer>

/** Answers questions about the pinset of one store, each from one reading of its lists; the last few from memory. */
export function createPlacementDesk(index: Pick<PinIndex, 'snapshot'>, clock: Pick<Clock, 'now'>): PlacementDesk {
  let readAt: number | undefined
  const answers = new Map<string, Promise<PlacementAnswer>>()
  return (question, signal) =>
    index.snapshot((generation) => {
      if (generation.summary.readAt !== readAt) {
        readAt = generation.summary.readAt
        answers.clear()
      }
      const key = JSON.stringify(question)
      const known = answers.get(key)
      if (known !== undefined) return known
      // Whoever asked first may go away: the answer is for the next one, so it is not called off.
      const answer = answerOf(generation, question, clock)
      answers.set(key, answer)
      const [oldest] = answers.keys()
      if (answers.size > maxAnswers && oldest !== undefined) answers.delete(oldest)
      answer.catch(() => answers.delete(key))
      return answer
    }, signal)
}

/** The question of health, and those that a procedure asks one after the other. */
const maxAnswers = 16

async function answerOf(
  generation: PinSnapshot,
  question: PlacementQuestion,
  clock: Pick<Clock, 'now'>,
): Promise<PlacementAnswer> {
  const startedAt = clock.now()
  const { readAt } = generation.summary
  const pinOf = (cid: string) => generation.pin(cid)
  const assessment = await assess(generation.packedGroups(), question, pinOf, sampleOf(generation))
  const took: Duration = age(startedAt, clock.now())
  return { assessment, took, readAt }
}

/** A desk for each store of a host whose pins somebody indexes, by its name. */
export function placementDesks({ stores }: HostPorts, clock: Pick<Clock, 'now'>): Map<string, PlacementDesk> {
  return new Map(
    stores.flatMap(({ declaration, pinIndex }) =>
      pinIndex === undefined ? [] : [[declaration.name, createPlacementDesk(pinIndex, clock)] as const],
    ),
  )
}

/** How many pins are looked at by name for examples: what is true of one pin in some hundred is among them. */
const maxSample = 2000
/** Leaves of the index that are read at once. */
const bucketsAtOnce = 256

/** Some pins of an index by name, spread over it. */
async function* sampleOf(index: PinSnapshot): AsyncGenerator<NamedPin> {
  let left = maxSample
  for (let first = 0; first < bucketsAtOnce; first += 1) {
    const buckets = Array.from({ length: bucketsAtOnce }, (_, number) => number * bucketsAtOnce + first)
    for (const { cid } of await index.records(buckets)) {
      const pin = await index.pin(cid)
      if (pin !== undefined) yield pin
      left -= 1
      if (left === 0) return
    }
  }
}
