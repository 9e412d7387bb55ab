import { z } from 'zod'
import { OpsError, Unreachable } from '../../src/domain/errors.ts'
import type { OperationId, OperationState } from '../../src/domain/operation.ts'
import type { Changes } from '../../src/domain/ports/changes.ts'
import { type Duration, type Instant, minutes, seconds } from '../../src/domain/units.ts'
import type { RunContext, Step } from '../../src/engine/step.ts'
import type { ToyWorld } from './toy.ts'

/** A host that does operations by itself, whoever follows them, and is asked over a network that can be cut. */
export class ToyHost {
  isCut = false
  /** It answers, and what it does cannot be seen. */
  isHidden = false
  /** What it says to whatever is submitted, instead of doing it. */
  refuse: (() => Error) | undefined
  /** Every id that was ever begun, in order. */
  readonly begun: OperationId[] = []
  readonly #ends = new Map<OperationId, number>()
  readonly #clock: { now(): Instant }
  readonly #takes: Duration

  constructor(clock: { now(): Instant }, takes: Duration) {
    this.#clock = clock
    this.#takes = takes
  }

  stateOf(id: OperationId): OperationState | undefined {
    if (this.isCut) throw new Unreachable('the network is cut')
    const end = this.#ends.get(id)
    if (end === undefined) return undefined
    return this.#clock.now() >= end ? { state: 'succeeded', result: null, commands: [] } : { state: 'running' }
  }

  /** How many operations are at work. */
  get working(): number {
    return [...this.#ends.values()].filter((end) => this.#clock.now() < end).length
  }

  end(id: OperationId): void {
    this.#ends.set(id, this.#clock.now())
  }

  changes(sleep: (duration: Duration) => Promise<void>): Changes {
    const stateOf = (id: OperationId): OperationState => this.stateOf(id) ?? { state: 'lost', error: 'not known' }
    return {
      submit: async (id) => {
        if (this.isCut) throw new Unreachable('the network is cut')
        if (this.refuse !== undefined) throw this.refuse()
        if (!this.#ends.has(id)) {
          this.#ends.set(id, this.#clock.now() + this.#takes)
          this.begun.push(id)
        }
        return stateOf(id)
      },
      result: async (id) => this.stateOf(id),
      cancel: async (id) => {
        this.end(id)
        return this.stateOf(id)
      },
      async *watch(id) {
        for (;;) {
          const state = stateOf(id)
          yield state
          if (state.state === 'succeeded') return
          await sleep(seconds(5))
        }
      },
    }
  }
}

class CannotPause extends OpsError {
  readonly remedy = 'ask'
}

/** A step that has the host do one long operation. `pauses`: it says that it can stand still, and then cannot. */
export function longStep(
  id: string,
  host: () => ToyHost,
  { deadline = minutes(600), pauses = false }: { deadline?: Duration; pauses?: boolean } = {},
): Step<ToyWorld, null> {
  return {
    id,
    title: `Do ${id}`,
    commands: [],
    deadline,
    Result: z.null(),
    async look({ begun }) {
      if (host().isHidden) return { state: 'unknown', says: 'nobody can see' }
      for (const operation of begun?.operations ?? []) {
        const state = host().stateOf(operation)?.state
        if (state === 'running') return { state: 'running' }
        if (state === 'succeeded') return { state: 'done', result: null }
      }
      if (host().isCut) throw new Unreachable('the network is cut')
      return { state: 'absent' }
    },
    async run(context: RunContext<ToyWorld>) {
      const changes = host().changes(async (duration) => context.sleep(duration))
      await context.change(changes, { kind: 'practice-mark', mark: 'm', takes: minutes(1), fails: false })
      return null
    },
    // It forgets what is still at work: the engine does not.
    undo: {
      kind: 'undo',
      title: `Undo ${id}`,
      commands: [],
      look: async () => ({ state: 'done', result: null }),
      run: async () => undefined,
    },
    pause: pauses
      ? {
          title: `Pause ${id}`,
          commands: [],
          run: async () => {
            throw new CannotPause('it cannot be paused now')
          },
        }
      : undefined,
  }
}
