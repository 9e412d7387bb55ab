import { canonicalJson } from '../domain/canonical-json.ts'
import { z } from 'zod'
import type { Json, RunRecord } from '../domain/run.ts'
import { explain } from '../domain/errors.ts'
import { InvalidInput, PlanOutOfDate, PreflightObjects } from './errors.ts'
import type { EngineOptions } from './options.ts'
import { planDifference, planHash } from './plan-hash.ts'
import type { Preflight, Procedure } from './procedure.ts'
import { type Planned, showChildren, showStep } from './shown.ts'

/** So many characters of plans are remembered, to tell what has become different; the newest one in any case. */
const remembered = 16 * 1024 * 1024

/** Why a run must not begin. `isSeen`: it does not hold; otherwise it only could not be looked at, which may pass. */
export interface Objection {
  says: string
  isSeen: boolean
}

/** Makes plans, and holds the ones that were shown against the world as it is now. */
export class Planning<World> {
  readonly #options: Pick<EngineOptions<World>, 'world' | 'clock' | 'gate'>
  readonly #named: (name: string) => Procedure<World>
  /** As text: a plan of a large fleet takes several times as much as data. */
  readonly #shown = new Map<string, string>()

  constructor(
    options: Pick<EngineOptions<World>, 'world' | 'clock' | 'gate'>,
    named: (name: string) => Procedure<World>,
  ) {
    this.#options = options
    this.#named = named
  }

  /** Looks, and changes nothing. */
  async plan(name: string, input: unknown, signal: AbortSignal): Promise<Planned> {
    const procedure = this.#named(name)
    const read = procedure.Input.safeParse(input)
    if (!read.success) throw new InvalidInput(`${name} cannot be planned so`, z.prettifyError(read.error))
    const { world, clock } = this.#options
    const madeAt = clock.now()
    const plan = await procedure.plan(input, { world, now: madeAt, signal })
    const hash = planHash(name, plan)
    this.#remember(hash, plan)
    const outlook = procedure.outlook(plan)
    return {
      procedure: name,
      title: outlook.title,
      class: procedure.class,
      input: z.json().parse(input),
      plan,
      planHash: hash,
      madeAt,
      outlook,
      preflight: await this.preflight(procedure, plan, signal),
      locks: procedure.locks(plan),
      steps: procedure.steps(plan).map(showStep),
      children: showChildren(procedure.children(plan), this.#named),
    }
  }

  /** The plan, and what would make a run of it wait. */
  async planToShow(name: string, input: unknown, signal: AbortSignal): Promise<Planned> {
    const planned = await this.plan(name, input, signal)
    const gate = await this.#options.gate?.({ class: planned.class, procedure: name }, { starting: true })
    if (gate === undefined || gate.open) return planned
    return { ...planned, heldBack: { reason: gate.reason, until: gate.until } }
  }

  /** A preflight that cannot be looked at does not hold. */
  async preflight(
    procedure: Procedure<World>,
    plan: Json,
    signal: AbortSignal,
    { isResumed = false } = {},
  ): Promise<Preflight[]> {
    const { world, clock } = this.#options
    try {
      return await procedure.preflight(plan, { world, now: clock.now(), signal, isResumed })
    } catch (error) {
      signal.throwIfAborted()
      return [{ title: 'what must hold can be seen', verdict: 'unknown', says: explain(error) }]
    }
  }

  /**
   * Why a run that is about to begin must not: its plan is too old and has become another, or its preflight does not hold. A part of a
   * run is planned when its turn has come; `plan` is that one, which takes the place of what was approved with the whole.
   */
  async beforeBegin(record: RunRecord, signal: AbortSignal): Promise<{ against?: Objection; plan?: Json }> {
    const procedure = this.#named(record.procedure)
    const { world, clock } = this.#options
    let plan: Json | undefined
    if (record.parent !== null || clock.now() - record.createdAt > procedure.goodFor) {
      let fresh: Json
      try {
        fresh = await procedure.plan(record.input, { world, now: clock.now(), signal })
      } catch (error) {
        signal.throwIfAborted()
        return { against: { says: `it cannot be planned anew: ${explain(error)}`, isSeen: false } }
      }
      const difference = this.#difference(record.procedure, record.plan, fresh)
      if (difference.length > 0) {
        const says = `the world is not as it was when it was planned: ${difference.join('; ')}`
        return { against: { says, isSeen: true } }
      }
      if (record.parent !== null && canonicalJson(fresh) !== canonicalJson(record.plan)) plan = fresh
    }
    const lines = await this.preflight(procedure, plan ?? record.plan, signal)
    const against =
      lines.find(({ verdict }) => verdict === 'objection') ?? lines.find(({ verdict }) => verdict !== 'holds')
    if (against === undefined) return plan === undefined ? {} : { plan }
    return { against: { says: `${against.title}: ${against.says}`, isSeen: against.verdict === 'objection' } }
  }

  /** Throws unless everything is seen to hold. */
  insistOn(preflight: readonly Preflight[]): void {
    const objections = preflight.filter(({ verdict }) => verdict !== 'holds')
    if (objections.length > 0) throw new PreflightObjects(objections.map(({ title, says }) => `${title}: ${says}`))
  }

  /**
   * The plan that was shown, where the world is still as it was then; throws with what differs otherwise. `before`: the plan
   * itself, where it is stored.
   */
  asShown(shownHash: string, fresh: Planned, before: Json | undefined = this.#recall(shownHash)): Planned {
    if (shownHash === fresh.planHash) return fresh
    const difference =
      before === undefined
        ? ['the plan that was shown is not remembered here']
        : this.#difference(fresh.procedure, before, fresh.plan)
    if (before === undefined || difference.length > 0) {
      throw new PlanOutOfDate(
        `the world is not as it was when "${fresh.title}" was planned: ${difference.slice(0, 5).join('; ')}`,
        difference,
      )
    }
    return { ...fresh, plan: before, planHash: shownHash }
  }

  /** What is locked counts as much as what is essential. */
  #difference(name: string, before: Json, after: Json): string[] {
    const procedure = this.#named(name)
    const keys = (plan: Json): Json =>
      procedure
        .locks(plan)
        .map(({ key }) => key)
        .toSorted()
    return [
      ...planDifference(procedure.essence(before), procedure.essence(after)),
      ...planDifference(keys(before), keys(after), 'locks'),
    ]
  }

  #recall(hash: string): Json | undefined {
    const text = this.#shown.get(hash)
    return text === undefined ? undefined : z.json().parse(JSON.parse(text))
  }

  #remember(hash: string, plan: Json): void {
    this.#shown.delete(hash)
    this.#shown.set(hash, JSON.stringify(plan))
    let size = 0
    for (const [one, text] of [...this.#shown].toReversed()) {
      size += text.length
      if (size > remembered && one !== hash) this.#shown.delete(one)
    }
  }
}
