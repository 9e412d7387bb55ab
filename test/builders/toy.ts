import { z } from 'zod'
import { makeId } from '../../src/domain/make-id.ts'
import type { RunStore } from '../../src/domain/ports/run-store.ts'
import type { LockRequest, RunClass, RunRecord } from '../../src/domain/run.ts'
import { type Duration, Instant, milliseconds, minutes, seconds } from '../../src/domain/units.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import type { EngineOptions } from '../../src/engine/options.ts'
import { type PhaseGate, type Preflight, type Procedure, procedure } from '../../src/engine/procedure.ts'
import type { Step } from '../../src/engine/step.ts'
import { emptyStored, memoryRunStore, type Stored } from './memory-run-store.ts'

/** A world of named things that are there or not, and of everything that was done to them, in order. */
export interface ToyWorld {
  there: Set<string>
  /** Work under way that can be paused: how many milliseconds are left of it. */
  left: Map<string, number>
  done: string[]
  /** Things that fail when they are made: with what. */
  broken: Map<string, () => Error>
}

/** Time that passes when nobody does anything. */
export class ToyClock {
  #now = 1_000_000_000_000
  readonly #timers = new Set<{ due: number; run: () => void }>()

  now(): Instant {
    return Instant.parse(this.#now)
  }

  after(delay: Duration, run: () => void): () => void {
    const timer = { due: this.#now + delay, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets time pass until the promise is settled. */
  async pass<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const ended = promise.finally(() => {
      isSettled = true
    })
    ended.catch(() => undefined)
    for (;;) {
      for (let turn = 0; turn < 5; turn += 1) {
        await new Promise<void>((resolve) => {
          setImmediate(resolve)
        })
      }
      if (isSettled) return ended
      const [next] = [...this.#timers].toSorted((a, b) => a.due - b.due)
      if (next === undefined) continue
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.due)
      next.run()
    }
  }
}

/** A step that makes a thing, over a while. */
export function makes(thing: string, { takes = seconds(10), pauses = false, noWayBack = false } = {}): Step<ToyWorld> {
  return {
    id: `make-${thing}`,
    title: `Make ${thing}`,
    commands: [{ host: 'toy', command: `make ${thing}` }],
    takes,
    deadline: minutes(60),
    Result: z.null(),
    look: async ({ world }) => (world.there.has(thing) ? { state: 'done', result: null } : { state: 'absent' }),
    async run(context) {
      const { world } = context
      const broken = world.broken.get(thing)
      if (broken !== undefined) throw broken()
      const began = context.now()
      const left = world.left.get(thing) ?? takes
      world.done.push(`begin ${thing}`)
      try {
        await context.sleep(milliseconds(left))
      } finally {
        world.left.set(thing, Math.max(0, left - (context.now() - began)))
      }
      world.there.add(thing)
      world.done.push(`made ${thing}`)
      return null
    },
    undo: noWayBack
      ? { kind: 'noWayBack', because: `${thing} stays` }
      : {
          kind: 'undo',
          title: `Take ${thing} away`,
          commands: [],
          look: async ({ world }) => (world.there.has(thing) ? { state: 'absent' } : { state: 'done', result: null }),
          run: async ({ world }) => {
            world.there.delete(thing)
            world.done.push(`removed ${thing}`)
          },
        },
    pause: pauses
      ? {
          title: `Pause ${thing}`,
          commands: [],
          run: async ({ world }) => {
            world.done.push(`paused ${thing}`)
          },
        }
      : undefined,
  }
}

/** A procedure of some steps. */
export function toyProcedure(
  name: string,
  steps: readonly Step<ToyWorld>[],
  options: {
    class?: RunClass
    locks?: readonly LockRequest[]
    facts?: () => string
    preflight?: () => Preflight[]
    stays?: string
  } = {},
): Procedure<ToyWorld> {
  const { class: runClass = 'change', locks = [], facts = () => 'same', preflight = () => [], stays } = options
  return procedure<ToyWorld>()({
    name,
    title: name,
    about: name,
    stays,
    class: runClass,
    kind: 'steps',
    Input: z.object({}),
    Plan: z.object({ facts: z.string() }),
    goodFor: minutes(5),
    plan: async () => ({ facts: facts() }),
    outlook: () => ({ title: name, takes: undefined, endangers: [] }),
    preflight: async () => preflight(),
    locks: () => [...locks],
    steps: () => [...steps],
    examples: [],
  })
}

/** A procedure of children: one for each key, of the procedure that is named; or of phases, as they come. */
export function toyParent(
  name: string,
  children: readonly { key: string; procedure: string }[],
  options: {
    atOnce?: number
    stopAfter?: number
    order?: (waiting: readonly string[], running: readonly string[]) => string[]
    class?: RunClass
    gate?: PhaseGate<ToyWorld>
    before?: readonly Step<ToyWorld>[]
    after?: readonly Step<ToyWorld>[]
  } = {},
): Procedure<ToyWorld> {
  const { atOnce = 2, stopAfter = 1, order, class: runClass = 'change', gate, before = [], after = [] } = options
  return procedure<ToyWorld>()({
    name,
    title: name,
    about: name,
    class: runClass,
    kind: 'fleet',
    Input: z.object({}),
    Plan: z.object({}),
    goodFor: minutes(5),
    plan: async () => ({}),
    outlook: () => ({ title: name, takes: undefined, endangers: [] }),
    preflight: async () => [],
    phases: () => [
      ...(before.length > 0 ? [{ steps: before }] : []),
      {
        children: children.map((child) => ({ ...child, input: {}, plan: { facts: 'same' } })),
        atOnce,
        stopAfter,
        ...(order === undefined ? {} : { order }),
        ...(gate === undefined ? {} : { gate }),
      },
      ...(after.length > 0 ? [{ steps: after }] : []),
    ],
    examples: [],
  })
}

export interface ToyBench {
  clock: ToyClock
  stored: Stored
  world: ToyWorld
  engine: Engine
  problems: unknown[]
  runOf: (id: string) => RunRecord
  start: (name: string, by?: string) => Promise<RunRecord>
  /** Lets time pass until a run is in one of these states. */
  until: (id: string, ...states: RunRecord['state'][]) => Promise<RunRecord>
  sleep: (duration: Duration) => Promise<void>
}

/** An engine over a toy world, with its clock and its disk. */
export function toyBench(
  procedures: readonly Procedure<ToyWorld>[],
  options: Partial<Pick<EngineOptions<ToyWorld>, 'gate'>> & {
    store?: (stored: Stored) => RunStore
    /** Of an engine that has died: its disk, its world and its time are still there. */
    before?: Pick<ToyBench, 'clock' | 'stored' | 'world'>
  } = {},
): ToyBench {
  const { before } = options
  const clock = before?.clock ?? new ToyClock()
  const stored = before?.stored ?? emptyStored()
  const world: ToyWorld = before?.world ?? { there: new Set(), left: new Map(), done: [], broken: new Map() }
  const problems: unknown[] = []
  const engine: Engine = createEngine({
    procedures,
    store: options.store?.(stored) ?? memoryRunStore(stored),
    world,
    clock,
    makeId,
    report: ({ error }) => problems.push(error),
    ...(options.gate === undefined ? {} : { gate: options.gate }),
  })
  const { signal } = new AbortController()
  const runOf = (id: string): RunRecord => {
    const run = stored.runs.get(id)
    if (run === undefined) throw new Error(`no run ${id}`)
    return run
  }
  return {
    clock,
    stored,
    world,
    engine,
    problems,
    runOf,
    start: async (name: string, by = 'somebody') =>
      clock.pass(engine.start({ procedure: name, input: {}, requestedBy: by }, signal)),
    until: async (id: string, ...states: RunRecord['state'][]): Promise<RunRecord> => {
      await clock.pass(
        new Promise<void>((resolve, reject) => {
          const end = clock.now() + minutes(60 * 48)
          const look = () => {
            if (states.includes(runOf(id).state)) resolve()
            else if (clock.now() > end) reject(new Error(`it is ${runOf(id).state}: ${runOf(id).reason}`))
            else clock.after(seconds(2), look)
          }
          look()
        }),
      )
      return runOf(id)
    },
    sleep: async (duration: Duration) =>
      clock.pass(
        new Promise<void>((resolve) => {
          clock.after(duration, resolve)
        }),
      ),
  }
}
