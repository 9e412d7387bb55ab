import type { z } from 'zod'
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
  /** Unique in the parent: `n1/hot-tier`. */
  key: string
  procedure: string
  input: Json
  plan: Json
}

/** How the children of a run are worked through. */
export interface ChildPolicy {
  /** At most so many at once, beside what their locks allow. */
  atOnce: number
  /** No further child is begun after so many have failed. */
  stopAfter: number
}

interface Common<World, Input extends z.ZodType, Plan extends z.ZodType<Json>> {
  /** Kebab-case; what `tiercel run` is given. */
  name: string
  title: string
  /** One paragraph for the reference: what it does, when, and what it replaces in the runbook. */
  about: string
  /** What of the runbook's page it sets right, in a sentence each. */
  corrects?: readonly string[]
  class: RunClass
  Input: Input
  Plan: Plan
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
  /** Whether it may be paused between steps when something more urgent comes, or its window ends. */
  steps(plan: z.output<Plan>): Step<World>[]
}

/** A procedure that has others do it, one child a host, pool or peer. */
export interface FleetProcedure<World, Input extends z.ZodType, Plan extends z.ZodType<Json>> extends Common<
  World,
  Input,
  Plan
> {
  kind: 'children'
  children(plan: z.output<Plan>): Child[]
  policy(plan: z.output<Plan>): ChildPolicy
  /** Which of the waiting children is tried next, best first: `running` have begun. Pure. */
  order(plan: z.output<Plan>, waiting: readonly string[], running: readonly string[]): string[]
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
  class: RunClass
  goodFor: Duration
  kind: 'steps' | 'children'
  /** JSON Schema and command line are made from it. */
  Input: z.ZodType
  Plan: z.ZodType<Json>
  examples: readonly Example<World>[]
  plan(input: unknown, context: PlanContext<World>): Promise<Json>
  outlook(plan: Json): Outlook
  essence: (plan: Json) => Json
  preflight(plan: Json, context: PlanContext<World>): Promise<Preflight[]>
  locks(plan: Json): LockRequest[]
  steps(plan: Json): Step<World>[]
  children(plan: Json): Child[]
  policy(plan: Json): ChildPolicy
  order(plan: Json, waiting: readonly string[], running: readonly string[]): string[]
}

type Definition<World, Input extends z.ZodType, Plan extends z.ZodType<Json>> = (
  | StepProcedure<World, Input, Plan>
  | FleetProcedure<World, Input, Plan>
) & { examples: readonly Example<World>[] }

/** Gives a procedure the form that the registry and the engine take. */
export function procedure<World>() {
  return <Input extends z.ZodType, Plan extends z.ZodType<Json>>(
    definition: Definition<World, Input, Plan>,
  ): Procedure<World> => {
    const { Input, Plan } = definition
    const planOf = (stored: Json) => Plan.parse(stored)
    return {
      name: definition.name,
      title: definition.title,
      about: definition.about,
      corrects: definition.corrects ?? [],
      class: definition.class,
      goodFor: definition.goodFor,
      kind: definition.kind,
      Input,
      Plan,
      examples: definition.examples,
      plan: async (input, context) => definition.plan(Input.parse(input), context),
      outlook: (plan) => definition.outlook(planOf(plan)),
      essence: (plan) => definition.essence?.(planOf(plan)) ?? plan,
      preflight: async (plan, context) => definition.preflight(planOf(plan), context),
      locks: (plan) => (definition.kind === 'steps' ? definition.locks(planOf(plan)) : []),
      steps: (plan) => (definition.kind === 'steps' ? definition.steps(planOf(plan)) : []),
      children: (plan) => (definition.kind === 'children' ? definition.children(planOf(plan)) : []),
      policy: (plan) =>
        definition.kind === 'children' ? definition.policy(planOf(plan)) : { atOnce: 0, stopAfter: 0 },
      order: (plan, waiting, running) =>
        definition.kind === 'children' ? definition.order(planOf(plan), waiting, running) : [...waiting],
    }
  }
}
