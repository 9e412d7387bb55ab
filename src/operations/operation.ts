import { z } from 'zod'
import { commandText } from '../domain/command-text.ts'
import type { Remedy } from '../domain/errors.ts'
import { Operation, type OperationId } from '../domain/operation.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { PracticeMarks } from '../domain/ports/practice-marks.ts'
import type { Json } from '../domain/run.ts'
import type { Subject } from '../domain/subject.ts'
import type { Duration, Share } from '../domain/units.ts'
import type { Scope } from './scope.ts'

/** A program with its arguments. No shell reads them. */
export interface Command {
  file: 'zpool' | 'zfs' | 'systemctl'
  args: readonly string[]
}

/** How a program has ended; `exitCode` null: by a signal. */
export interface Ended {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** Runs a program of an operation. Rejects with an `OpsError` where it did not come to its end. */
export type Run = (command: Command) => Promise<Ended>

/** It was not done: what may be done about it, and why, as a sentence. */
export interface Failure {
  remedy: Remedy
  says: string
}

/** How an operation has ended. */
export type Outcome<Result> = { result: Result } | Failure

/**
 * What a program means by words on stderr, where it exits with something other than 0. `seen` names the recorded runs, or the
 * source that prints them. `so`: what was wanted of this command holds already, and what it has come to is read. Undefined:
 * the words do not have this meaning for what was asked.
 */
export interface Meaning<Words, Result> {
  seen: string
  pattern: RegExp
  meaning: (words: Words) => 'so' | Outcome<Result> | undefined
}

/** What is looked at right before, in one go with the commands: hardly anything can change in between. */
export interface Guard<Words> {
  /** The pools that must be there. Their state is the kernel's own word, which never blocks; undefined where not imported. */
  pools?: (words: Words) => readonly string[]
  objectionTo?: (pool: string, state: string | undefined) => string | undefined
  /** Programs that change nothing. */
  looks: (words: Words) => readonly Command[]
  /** Why it is not to be done, by what they have printed, in their order; undefined where nothing speaks against it. */
  objection: (words: Words, printed: readonly string[]) => string | undefined
}

/** What is told of every operation. */
interface Said<Kind extends string, Shape extends z.ZodRawShape, Result extends Json> {
  kind: Kind
  /** One sentence or two, for the reference. */
  about: string
  /** What it is told beside its kind: names and guids, never flags. */
  Words: Shape
  Result: z.ZodType<Result>
  /** What each result means, for the reference. */
  results: string
  /** Words with which it is shown, and tried by the contracts. It has every scope that the operation can have. */
  example: z.input<z.ZodObject<Shape>>
  /** What the policy of the host must allow, all of it. */
  scopes: (words: z.output<z.ZodObject<Shape>>) => readonly Scope[]
  /** What it works on, on its host: two that exclude each other are never done at once. */
  subjects: (words: z.output<z.ZodObject<Shape>>) => readonly Subject[]
}

/** What the executor does, as root. */
interface ByRoot<Words, Result extends Json> {
  guard: Guard<Words>
  /** Run one after another, as long as each exits with 0 or means `so`. `id`: the operation’s, to be written into what it makes. */
  commands: (words: Words, id: string) => readonly Command[]
  meanings: readonly Meaning<Words, Result>[]
  /** Run after them, whatever they exit with: by these is seen what it has come to. */
  reads?: (words: Words, id: string) => readonly Command[]
  /** What it has come to, by how `reads` have ended, in their order. */
  read: (words: Words, ended: readonly Ended[], id: string) => Outcome<Result>
  /** For each of its commands. */
  deadline: Duration
  /**
   * It can take hours: it can be called off in the middle, and tells how far it is. Others take a moment, and are brought to
   * their end: half a command would be worse than a whole one.
   */
  lasts?: { progress: (words: Words, run: Run) => Promise<Progress> }
  /** It mounts or unmounts: that has to happen where the rest of the host sees it. */
  mounts?: boolean
}

export interface Progress {
  share?: Share | undefined
  text?: string | undefined
}

/** What the agent does by itself is given these. */
export interface Tools {
  id: OperationId
  marks: PracticeMarks
  clock: Clock
  /** Lets time pass; ends early when the operation is called off. */
  rest: (time: Duration) => Promise<void>
  /** Aborted when the operation is called off. */
  signal: AbortSignal
  progress: (progress: Progress) => void
}

/** What the agent does. `agent`: the policy must allow it all the same; `harmless`: it touches only the agent’s own folder. */
interface ByAgent<Words, Result extends Json> {
  by: 'agent' | 'harmless'
  act: (words: Words, tools: Tools) => Promise<Outcome<Result>>
}

/** One operation for those who do not know which: what it was told is parsed first. */
interface Common {
  kind: string
  about: string
  results: string
  /** Parses an operation of this kind, its keys in one order. */
  Schema: z.ZodType
  example: Operation
  scopes: (operation: Operation) => readonly Scope[]
  subjects: (operation: Operation) => readonly Subject[]
}
export interface RootOperation extends Common, ByRoot<Operation, Json> {
  by: 'root'
}
export interface AgentOperation extends Common, ByAgent<Operation, Json> {}
export type AnyOperation = RootOperation | AgentOperation

/** The same for those who know which. */
interface Typed<Shape extends z.ZodRawShape, Result extends Json> {
  /** The operation, to be handed to a host. */
  of: (words: z.input<z.ZodObject<Shape>>) => Operation
  Result: z.ZodType<Result>
}

/** An operation that the executor does, as root. */
export function rootOperation<Kind extends string, Shape extends z.ZodRawShape, Result extends Json>(
  said: Said<Kind, Shape, Result> & ByRoot<z.output<z.ZodObject<Shape>>, Result>,
): RootOperation & Typed<Shape, Result> {
  const { typed, words } = commonOf(said)
  const { guard, lasts } = said
  return {
    ...typed,
    by: 'root',
    deadline: said.deadline,
    mounts: said.mounts ?? false,
    guard: {
      pools: (operation) => guard.pools?.(words(operation)) ?? [],
      objectionTo: (pool, state) => guard.objectionTo?.(pool, state),
      looks: (operation) => guard.looks(words(operation)),
      objection: (operation, printed) => guard.objection(words(operation), printed),
    },
    commands: (operation, id) => said.commands(words(operation), id),
    meanings: said.meanings.map(({ seen, pattern, meaning }) => ({
      seen,
      pattern,
      meaning: (operation) => meaning(words(operation)),
    })),
    reads: (operation, id) => said.reads?.(words(operation), id) ?? [],
    read: (operation, ended, id) => said.read(words(operation), ended, id),
    ...(lasts === undefined ? {} : { lasts: { progress: (operation, run) => lasts.progress(words(operation), run) } }),
  }
}

/** An operation that the agent does by itself. */
export function agentOperation<Kind extends string, Shape extends z.ZodRawShape, Result extends Json>(
  said: Said<Kind, Shape, Result> & ByAgent<z.output<z.ZodObject<Shape>>, Result>,
): AgentOperation & Typed<Shape, Result> {
  const { typed, words } = commonOf(said)
  return { ...typed, by: said.by, act: (operation, tools) => said.act(words(operation), tools) }
}

function commonOf<Kind extends string, Shape extends z.ZodRawShape, Result extends Json>(
  said: Said<Kind, Shape, Result>,
) {
  const { kind, about, results, Result } = said
  const Words = z.object(said.Words)
  const Schema = z.strictObject({ kind: z.literal(kind), ...said.Words })
  const words = (operation: Operation) => Words.parse(operation)
  const of = (told: z.input<typeof Words>) => Operation.parse({ kind, ...Words.parse(told) })
  return {
    words,
    typed: {
      kind,
      about,
      results,
      Result,
      Schema,
      of,
      example: of(said.example),
      scopes: (operation: Operation) => said.scopes(words(operation)),
      subjects: (operation: Operation) => said.subjects(words(operation)),
    },
  }
}

/** Every command of an operation as a person would type it, with what is looked at before and after. `id` stands for the operation’s. */
export const commandTexts = (one: RootOperation, operation: Operation, id = 'OPERATION'): string[] =>
  [...one.guard.looks(operation), ...one.commands(operation, id), ...(one.reads?.(operation, id) ?? [])].map(
    ({ file, args }) => commandText(file, args),
  )
