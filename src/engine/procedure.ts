import { z } from 'zod'
import type { Json, LockRequest, RunClass } from '../domain/run.ts'
import type { Duration, Instant } from '../domain/units.ts'
import type { Step } from './step.ts'

/** One thing that must hold before a run starts. */
export interface Preflight {
  /** "hot-tier on n1 is not resilvering" */
  title: string
  /** `unknown` is as good as an objection: it was not seen to hold. */
  verdict: 'holds' | 'objection' | 'unknown'
  /** What was seen; what to do about it, for an objection. */
  says: string
}

/** What a plan says beside its steps. */
export interface Outlook {
  title: string
  /** How long it should take; undefined where nobody can say. */
  takes: Duration | undefined
  /** What it endangers while it runs, in a sentence each; none is a sentence too. */
  endangers: readonly string[]
}

/** One part of a fleet-wide run: a run of its own, with its own plan, locks and journal. */
export interface Child {
  /** Unique in its run: `n1/hot-tier`. */
  key: string
  procedure: string
  input: Json
  /** As it is shown and approved. It is planned anew when its turn comes, and not begun where the essence is another then. */
  plan: Json
}

/** What is looked at before further children are begun. */
export interface PhaseGate<World> {
  /** "all peers are READY" */
  title: string
  /** For so long it is waited for, and a person is asked then. */
  within: Duration
  look(context: PlanContext<World>): Promise<Preflight[]>
}

/** What a procedure does after another: steps of its own, or children, which are runs of their own. */
export type Phase<World> =
  | { steps: readonly Step<World>[] }
  | {
      children: readonly Child[]
      /** At most so many at once, beside what their locks allow. */
      atOnce: number
      /** No further child is begun after so many have failed. */
      stopAfter: number
      /** Which of the waiting children is tried next, best first: `running` have begun. Pure; as they stand in the plan where nothing is said. */
      order?: (waiting: readonly string[], running: readonly string[]) => string[]
      /** Children are begun in batches of `atOnce`; between two batches this has to hold. */
      gate?: PhaseGate<World>
    }

interface Common<World, Input extends z.ZodType, Plan extends z.ZodType<Json>> {
  /** Kebab-case; what `tiercel run` is given. */
  name: string
  title: string
  /** One paragraph for the reference: what it does, when, and what it replaces in the runbook. */
  about: string
  /** What of the runbook's page it sets right, in a sentence each. */
  corrects?: readonly string[]
  /** What stays in the world after it has succeeded and is there until it is undone, in some words: such a run is kept as long. */
  stays?: string | undefined
  class: RunClass
  Input: Input
  Plan: Plan
  /** What the fleet file may say of it under `procedures.NAME`; beside that, the window of background work. */
  Settings?: z.ZodObject | undefined
  /** For how long a plan may lie before it is made again at the start. */
  goodFor: Duration
  /** Looks, and changes nothing. Bad input throws an `InvalidInput`. */
  plan(input: z.output<Input>, context: PlanContext<World>): Promise<z.output<Plan>>
  outlook(plan: z.output<Plan>): Outlook
  /**
   * The plan without what changes by itself and does not matter (estimates, counts): a plan whose essence is still the same is
   * not out of date. All of it where nothing is said.
   */
  essence?: (plan: z.output<Plan>) => Json
  /** Looks anew, right before the start, and again before each resume. */
  preflight(plan: z.output<Plan>, context: PlanContext<World>): Promise<Preflight[]>
}

export interface PlanContext<World> {
  world: World
  now: Instant
  signal: AbortSignal
  /** The run was begun before: what stands in its way may be its own doing, and its steps tell whose it is. */
  isResumed?: boolean | undefined
}

/** A procedure that does things by itself. */
export interface StepProcedure<World, Input extends z.ZodType, Plan extends z.ZodType<Json>> extends Common<
  World,
  Input,
  Plan
> {
  kind: 'steps'
  locks(plan: z.output<Plan>): LockRequest[]
  steps(plan: z.output<Plan>): Step<World>[]
}

/** A procedure over many: it has others do it, one child a host, pool or peer, with steps of its own before, between and after. */
export interface FleetProcedure<World, Input extends z.ZodType, Plan extends z.ZodType<Json>> extends Common<
  World,
  Input,
  Plan
> {
  kind: 'fleet'
  /** What it holds itself, all the time. */
  locks?(plan: z.output<Plan>): LockRequest[]
  phases(plan: z.output<Plan>): Phase<World>[]
}

/** Where a procedure is tried: a world made for it, and what is asked of it. */
export interface Example<World> {
  name: string
  /** A sentence for the docs. */
  about: string
  input: Json
  /** Faults of the simulator to apply first, by name. */
  faults?: readonly string[]
  /** `holds`: it can be run; otherwise words of the objection that must come. */
  preflight?: 'holds' | { objects: string }
  /** The input is refused, with these words; then nothing is planned. */
  refused?: string
  /** Where a run of it comes to by itself; `succeeded` where nothing is said. */
  ends?: 'succeeded' | 'asking' | 'failed'
  /** Type only: which world it is for. */
  readonly world?: World
}

/** What the registry holds: everything about one procedure, with its types erased. Plans are parsed whenever they come back from the store. */
export interface Procedure<World> {
  name: string
  title: string
  about: string
  corrects: readonly string[]
  stays: string | undefined
  class: RunClass
  goodFor: Duration
  kind: 'steps' | 'fleet'
  /** JSON Schema and command line are made from it. */
  Input: z.ZodType
  Plan: z.ZodType<Json>
  /** What the fleet file may say of it. */
  Settings: z.ZodObject
  examples: readonly Example<World>[]
  plan(input: unknown, context: PlanContext<World>): Promise<Json>
  outlook(plan: Json): Outlook
  essence: (plan: Json) => Json
  preflight(plan: Json, context: PlanContext<World>): Promise<Preflight[]>
  locks(plan: Json): LockRequest[]
  phases(plan: Json): Phase<World>[]
  /** The steps of all phases. */
  steps(plan: Json): Step<World>[]
  /** The children of all phases, in their order: the record of a child has its place. */
  children(plan: Json): Child[]
}

type Definition<World, Input extends z.ZodType, Plan extends z.ZodType<Json>> = (
  | StepProcedure<World, Input, Plan>
  | FleetProcedure<World, Input, Plan>
) & { examples: readonly Example<World>[] }

const windowed = {
  window: z.string().optional().describe('When it may run, one of `windows`; at any time where nothing is said'),
}

/** Gives a procedure the form that the registry and the engine take. */
export function procedure<World>() {
  return <Input extends z.ZodType, Plan extends z.ZodType<Json>>(
    definition: Definition<World, Input, Plan>,
  ): Procedure<World> => {
    const { Input, Plan } = definition
    const planOf = (stored: Json) => Plan.parse(stored)
    const phases = (plan: Json): Phase<World>[] =>
      definition.kind === 'fleet' ? definition.phases(planOf(plan)) : [{ steps: definition.steps(planOf(plan)) }]
    return {
      name: definition.name,
      title: definition.title,
      about: definition.about,
      corrects: definition.corrects ?? [],
      stays: definition.stays,
      class: definition.class,
      goodFor: definition.goodFor,
      kind: definition.kind,
      Input,
      Plan,
      Settings: z.strictObject({
        ...(definition.class === 'background' ? windowed : {}),
        ...definition.Settings?.shape,
      }),
      examples: definition.examples,
      plan: async (input, context) => definition.plan(Input.parse(input), context),
      outlook: (plan) => definition.outlook(planOf(plan)),
      essence: (plan) => definition.essence?.(planOf(plan)) ?? plan,
      preflight: async (plan, context) => definition.preflight(planOf(plan), context),
      locks: (plan) => definition.locks?.(planOf(plan)) ?? [],
      phases,
      steps: (plan) => phases(plan).flatMap((phase) => ('steps' in phase ? phase.steps : [])),
      children: (plan) => phases(plan).flatMap((phase) => ('children' in phase ? phase.children : [])),
    }
  }
}

/** What a journal has as one step: a step, or all children of a phase, of which the first stands at `first` in the plan. */
export type Item<World> =
  | { id: string; title: string; step: Step<World>; phase?: undefined }
  | { id: string; title: string; step?: undefined; phase: Extract<Phase<World>, { children: unknown }>; first: number }

export function itemsOf<World>(phases: readonly Phase<World>[]): Item<World>[] {
  const items: Item<World>[] = []
  let first = 0
  for (const phase of phases) {
    if ('steps' in phase) {
      items.push(...phase.steps.map((step) => ({ id: step.id, title: step.title, step })))
      continue
    }
    items.push({ id: `children-${first}`, title: '', phase, first })
    first += phase.children.length
  }
  return items
}

/** The steps of a journal, in their order, with their titles. */
export const titlesOf = (items: readonly Item<never>[]): ReadonlyMap<string, string> =>
  new Map(items.map(({ id, title }) => [id, title]))
