import type { Lock, RunRecord, StoredEvent } from '../src/domain/run.ts'

/** Where a run has to come to, by what it was asked for and by what the person did. */
export type Ending = 'succeeded' | 'undone'

/** Something that was had in the world, as the world itself tells it. */
export interface Effect {
  what: 'scrub started' | 'scrub resumed' | 'scrub paused' | 'scrub stopped' | 'mark left' | 'mark taken'
  /** `n1/hot-tier`, or `n1/` and the mark. */
  on: string
  /** The operation that had it; undefined where the world does not tell (a mark that is gone names nobody). */
  by: string | undefined
}

/** An operation in the log of an agent. */
export interface LoggedOperation {
  id: string
  state: string
  isOver: boolean
}

/** What a host has kept. */
export interface HostEvidence {
  host: string
  operations: readonly LoggedOperation[]
  marks: readonly { mark: string; operation: string }[]
}

/** What there is when everything was killed, started again and let finish: what is judged. */
export interface Evidence {
  /** Every run that the controller has answered for with 200. */
  accepted: readonly { id: string; ends: Ending }[]
  /** Ids of all runs that the controller lists in the end. */
  listed: readonly string[]
  /** All that its store holds, parts of other runs too. */
  runs: readonly { record: RunRecord; events: readonly StoredEvent[] }[]
  locks: readonly Lock[]
  hosts: readonly HostEvidence[]
  /** In the order in which they were had. */
  effects: readonly Effect[]
  /** Pools on which a scrub still runs or stands still. */
  scrubbing: readonly string[]
  /** Names of half-written files. */
  leftovers: readonly string[]
  /** What somebody was asked about that nobody but a stranger can have done; there was no stranger. */
  strangers: readonly string[]
}
