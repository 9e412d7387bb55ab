import type { z } from 'zod'
import type { Operation, OperationId } from '../domain/operation.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { Json } from '../domain/run.ts'
import type { Duration, Instant, Share } from '../domain/units.ts'

/** A command as it will be run, for the plan. */
export interface PlannedCommand {
  host: string
  /** As a person would type it. */
  command: string
}

/**
 * What a step sees of its own work in the world.
 *
 * - `absent`: nothing of it is there: it can be run.
 * - `running`: it is being done, by us: `run` is called and waits for it. What is not told as running after an attempt has
 *   ended badly counts as over.
 * - `done`: it is finished; `result` is what `run` would have given.
 * - `foreign`: it is there, and somebody else has done it, or does.
 * - `unknown`: it cannot be seen whether it is.
 *
 * Foreign and unknown ask a person.
 */
export type Look<Result> =
  | { state: 'absent'; says?: string }
  | { state: 'running'; says?: string }
  | { state: 'done'; result: Result; says?: string }
  /** `offers: 'run'`: a person may say that the step is to be run all the same. */
  | { state: 'foreign' | 'unknown'; says: string; offers?: 'run' | undefined }

/** How a step knows its own doing again. */
export interface Begun {
  /** When it was first begun. */
  at: Instant
  /** The operation of its newest attempt. */
  operation: OperationId
  /** Those of all its attempts, the newest last: what carries one of them is ours. */
  operations: readonly OperationId[]
  /** Those by which it was paused in its middle, the newest last. */
  pauses: readonly OperationId[]
  /** Of `operations`, those that were begun after the newest pause; all where there was none. The journal knows the order; a clock may not. */
  sincePause: readonly OperationId[]
}

/** What a step is given to look with. */
export interface LookContext<World> {
  world: World
  run: string
  /**
   * When this step was first begun, and the ids of its operations: undefined before that. So a step tells its own doing from
   * somebody else's, also after a crash. In an undo, and in a pause, these are still those of the step itself.
   */
  begun: Begun | undefined
  /** What an earlier step of this run has given: journalled, so it has survived a crash. Throws for one that has not finished. */
  resultOf(step: string): Json
  signal: AbortSignal
}

/** What a step is given to work with. */
export interface RunContext<World> extends LookContext<World> {
  begun: Begun
  /** What `look` said right before: `absent` or `running`. */
  seen: 'absent' | 'running'
  /** Shown to whoever follows; not journalled. */
  progress(said: { share?: Share | undefined; text?: string | undefined; timeLeft?: Duration | undefined }): void
  /**
   * Has a host do the one operation of this step, under the id that is in the journal already, and waits for its end. What
   * was submitted before a crash is found again by that id, and never submitted twice. At most one a step.
   */
  change(changes: Changes, operation: Operation): Promise<Json>
  /** Waits, by the engine's clock. Rejects when the step is called off. */
  sleep(duration: Duration): Promise<void>
  /** The engine's clock. */
  now(): Instant
}

/** How a step is taken back. */
export type Undo<World> =
  | { kind: 'nothing'; because: string }
  /** It cannot be: the plan says so before it starts. */
  | { kind: 'noWayBack'; because: string }
  | {
      kind: 'undo'
      title: string
      commands: readonly PlannedCommand[]
      /** `absent`: what is to be taken back is (still, or half) there, so run it; `done`: nothing of the step is left. */
      look(context: LookContext<World>): Promise<Look<null>>
      run(context: RunContext<World>): Promise<void>
    }

/** One step of a procedure, made from its plan alone. */
export interface Step<World, Result extends Json = Json> {
  /** Unique in its procedure, and the same in every release that can meet the plan: the journal names it. */
  id: string
  /** Imperative, and names the things: "Start a scrub of hot-tier on n1". */
  title: string
  commands: readonly PlannedCommand[]
  /** What it should take; undefined where nobody can say. */
  takes?: Duration | undefined
  /** It is called off after this long; the engine asks then. */
  deadline: Duration
  Result: z.ZodType<Result>
  look(context: LookContext<World>): Promise<Look<Result>>
  run(context: RunContext<World>): Promise<Result>
  undo: Undo<World>
  /**
   * Where it can stand still in the middle: called when the run must give way (its window ends, a run of a higher class needs its
   * locks, a person says so) while `run` works, after `run` was called off. Afterwards `look` says `absent`, and `run` goes on with it.
   */
  pause?:
    | { title: string; commands: readonly PlannedCommand[]; run(context: RunContext<World>): Promise<void> }
    | undefined
}
