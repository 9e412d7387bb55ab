import { z } from 'zod'
import { OpsError, Refusal, Unreachable } from '../../src/domain/errors.ts'
import { isFinal, type OperationId, type OperationState } from '../../src/domain/operation.ts'
import type { Changes } from '../../src/domain/ports/changes.ts'
import { type Duration, type Instant, minutes, seconds } from '../../src/domain/units.ts'
import type { Look, RunContext, Step } from '../../src/engine/step.ts'
import type { ToyWorld } from './toy.ts'

/** A number from 0 to 1, and what is made of it; the same seed makes the same choices. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  next(): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  upTo(count: number): number {
    return Math.floor(this.next() * count)
  }

  of<T>(choices: readonly T[]): T {
    const chosen = choices[this.upTo(choices.length)]
    if (chosen === undefined) throw new RangeError('there is nothing to choose from')
    return chosen
  }

  within(from: Duration, to: Duration): Duration {
    return seconds(Math.round((from + this.next() * (to - from)) / 1000))
  }
}

interface Work {
  thing: string
  run: string
  from: Instant
  end: number
  state: 'running' | 'succeeded' | 'lost' | 'canceled'
}

class Meddled extends OpsError {
  readonly remedy = 'ask'
}

/** Things that are worked on by operations of hosts, over a network that fails in every way that there is. */
export class RandomWorld {
  readonly dice: Dice
  readonly works = new Map<OperationId, Work>()
  /** The things that are there, and the run that made each. */
  readonly there = new Map<string, string>()
  isCut = false
  /** How much goes wrong: 0 for nothing. */
  trouble = 1
  readonly #clock: { now(): Instant }

  constructor(dice: Dice, clock: { now(): Instant }) {
    this.dice = dice
    this.#clock = clock
  }

  /** What is at work now. */
  working(): Work[] {
    return [...this.works.keys()].flatMap((id) => {
      this.#settle(id)
      const work = this.works.get(id)
      return work?.state === 'running' ? [work] : []
    })
  }

  /** An agent dies: what it worked on is lost, and some of it comes about all the same. */
  die(): void {
    for (const work of this.working()) {
      work.state = 'lost'
      if (this.dice.next() < 0.3) this.there.set(work.thing, work.run)
    }
  }

  stateOf(id: OperationId): OperationState | undefined {
    if (this.isCut || this.dice.next() < 0.02 * this.trouble) throw new Unreachable('nobody answers')
    this.#settle(id)
    const work = this.works.get(id)
    if (work === undefined) return undefined
    if (work.state === 'running') return { state: 'running' }
    if (work.state === 'lost') return { state: 'lost', error: 'the agent died' }
    if (work.state === 'canceled') return { state: 'failed', error: 'canceled', remedy: 'retry', commands: [] }
    return { state: 'succeeded', result: null, commands: [] }
  }

  changes(thing: string, run: string, takes: Duration, sleep: (duration: Duration) => Promise<void>): Changes {
    const state = (id: OperationId): OperationState => this.stateOf(id) ?? { state: 'lost', error: 'not known' }
    return {
      submit: async (id) => {
        if (this.isCut) throw new Unreachable('nobody answers')
        const chance = this.dice.next()
        if (!this.works.has(id)) {
          if (chance < 0.03 * this.trouble) throw new Refusal('busy', 'busy', { remedy: 'retry' })
          if (chance < 0.04 * this.trouble) throw new Refusal('refused-by-policy', 'no', { remedy: 'stop' })
          const from = this.#clock.now()
          this.works.set(id, { thing, run, from, end: from + takes, state: 'running' })
        } else if (chance < 0.1 * this.trouble)
          throw new Refusal('older-epoch', 'another controller', { remedy: 'stop' })
        // It was taken, and nobody hears of it.
        if (this.dice.next() < 0.1 * this.trouble) throw new Unreachable('the answer was lost')
        return state(id)
      },
      result: async (id) => this.stateOf(id),
      cancel: async (id) => {
        const work = this.works.get(id)
        if (this.stateOf(id)?.state === 'running' && work !== undefined) work.state = 'canceled'
        return this.stateOf(id)
      },
      watch: async function* watch(id) {
        for (;;) {
          const now = state(id)
          yield now
          if (isFinal(now)) return
          await sleep(seconds(10))
        }
      },
    }
  }

  #settle(id: OperationId): void {
    const work = this.works.get(id)
    if (work?.state !== 'running' || this.#clock.now() < work.end) return
    work.state = 'succeeded'
    this.there.set(work.thing, work.run)
  }
}

/** A step that has a host make a thing, and that tells its own doing from that of others in every state of the world. */
export function randomStep(
  world: () => RandomWorld,
  thing: string,
  options: { takes: Duration; deadline?: Duration; pauses?: boolean; noWayBack?: boolean; asks?: boolean },
): Step<ToyWorld, null> {
  const { takes, deadline = minutes(600), pauses = false, noWayBack = false, asks = false } = options
  const states = (operations: readonly OperationId[]) => operations.map((id) => world().stateOf(id))
  const atWork = (operations: readonly OperationId[]) =>
    states(operations).some((one) => one !== undefined && !isFinal(one))
  const callOff = async (context: RunContext<ToyWorld>): Promise<void> => {
    const changes = world().changes(thing, context.run, takes, async (duration) => context.sleep(duration))
    for (const id of context.begun.operations) await changes.cancel(id, context.signal)
  }
  return {
    id: `make-${thing}`,
    title: `Make ${thing}`,
    commands: [],
    deadline,
    Result: z.null(),
    async look({ begun, run }): Promise<Look<null>> {
      if (begun !== undefined && atWork(begun.operations)) return { state: 'running' }
      if (world().there.get(thing) === run) return { state: 'done', result: null }
      if (begun === undefined && asks) return { state: 'unknown', says: 'who knows', offers: 'run' }
      if (begun !== undefined && world().dice.next() < 0.02 * world().trouble) {
        return { state: 'foreign', says: 'somebody has been here', offers: 'run' }
      }
      return { state: 'absent' }
    },
    async run(context) {
      const changes = world().changes(thing, context.run, takes, async (duration) => context.sleep(duration))
      await context.change(changes, { kind: 'practice-mark', mark: 'm', takes, fails: false })
      if (world().dice.next() < 0.03 * world().trouble) throw new Meddled('somebody has meddled')
      return null
    },
    undo: noWayBack
      ? { kind: 'noWayBack', because: 'it stays' }
      : {
          kind: 'undo',
          title: `Take ${thing} away`,
          commands: [],
          async look({ begun, run }) {
            const isThere = atWork(begun?.operations ?? []) || world().there.get(thing) === run
            return isThere ? { state: 'absent' } : { state: 'done', result: null }
          },
          async run(context) {
            await callOff(context)
            if (world().there.get(thing) === context.run) world().there.delete(thing)
          },
        },
    pause: pauses
      ? {
          title: `Pause ${thing}`,
          commands: [],
          async run(context) {
            if (world().dice.next() < 0.05 * world().trouble) throw new Meddled('it cannot be paused')
            await callOff(context)
          },
        }
      : undefined,
  }
}
