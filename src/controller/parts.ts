import type { AuditEntry, Freeze, Planned, ProcedureInfo, Role, RunDetail, TokenInfo } from '../api/operator-nouns.ts'
import type { Health } from '../domain/health/judge.ts'
import type { FleetView } from '../domain/health/view.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Mutes } from '../domain/ports/mutes.ts'
import type { RunStore, TranscriptEntry } from '../domain/ports/run-store.ts'
import type { Json, RunRecord } from '../domain/run.ts'
import type { Duration, Instant, Share } from '../domain/units.ts'

// What the parts of a controller are to each other: each is made in its own file, and main.ts puts them together.

/** What an engine tells of as it happens. */
export type Notice =
  | { kind: 'run'; run: RunRecord }
  | {
      kind: 'progress'
      run: string
      progress: {
        step: string
        share?: Share | undefined
        text?: string | undefined
        timeLeft?: Duration | undefined
      }
    }

/** Drives runs. */
export interface RunEngine {
  plan(procedure: string, input: unknown, signal: AbortSignal): Promise<Planned>
  start(
    request: {
      procedure: string
      input: unknown
      planHash?: string | undefined
      requestedBy: string
      approvalNeeded?: boolean
      /** The id that the run shall have. */
      id?: string
    },
    signal: AbortSignal,
  ): Promise<RunRecord>
  resume(run: string, by: string): Promise<RunRecord>
  cancel(run: string, by: string): Promise<RunRecord>
  undo(run: string, by: string): Promise<RunRecord>
  leave(run: string, by: string): Promise<RunRecord>
  answer(run: string, choice: string, by: string): Promise<RunRecord>
  approve(run: string, planHash: string, by: string): Promise<RunRecord>
  detail(run: string): Promise<RunDetail>
  transcript(run: string, after: number, limit: number): Promise<TranscriptEntry[]>
  subscribe(listener: (notice: Notice) => void): () => void
}

/** Tokens, by the hash of each. */
export interface TokenStore {
  byHash(hash: string): Promise<TokenInfo | undefined>
  add(info: TokenInfo, hash: string): Promise<void>
  list(): Promise<TokenInfo[]>
  revoke(name: string, at: Instant): Promise<TokenInfo | undefined>
}

/** Whether new changes are held back. */
export interface FreezeStore {
  read(): Promise<Freeze | undefined>
  set(freeze: Freeze | undefined): Promise<void>
}

/** Who changed what. */
export interface AuditStore {
  add(entry: Omit<AuditEntry, 'sequence'>): Promise<void>
  /** Newest first, older than `before`. */
  list(page: { before?: number | undefined; limit: number }): Promise<AuditEntry[]>
}

/** Runs as they came to stand, one entry a change, in order and kept for a while. */
export interface FeedStore {
  /** Those after `id`, and the id of the oldest that is still kept. */
  after(id: number, limit: number): Promise<{ entries: { id: number; run: RunRecord }[]; oldest: number }>
  /** The id of the newest one; 0 when there is none. */
  newest(): Promise<number>
}

/** Runs that were asked for with an id of the asker's. */
export interface RequestStore {
  /** The run that was begun by this request. */
  runOf(requestId: string): Promise<string | undefined>
  remember(requestId: string, run: string): Promise<void>
}

/** What was last seen of the fleet. */
export interface Collected {
  view(): FleetView
  /** The fleet file as it stands, for others to parse. */
  source: Json
  health(): Health
  /** When the host was asked that was not asked for longest; undefined while some have not been asked at all. */
  oldest(): Instant | undefined
}

/** Whether this controller may change anything. */
export interface Standing {
  controller: string
  epoch(): number
  /** Why it changes nothing; null when it does. */
  standsBack(): string | null
  takeOver(from: string | undefined): Promise<{ epoch: number; hosts: { host: string; says: string }[] }>
}

/** Everything that the handlers answer from. */
export interface Parts {
  clock: Clock
  engine: RunEngine
  runs: RunStore
  collected: Collected
  mutes: Mutes
  tokens: TokenStore
  freeze: FreezeStore
  audit: AuditStore
  requests: RequestStore
  standing: Standing
  procedures: readonly ProcedureInfo[]
  /** Whether a second person must approve runs of it. */
  needsApproval(procedure: string): boolean
  makeToken(name: string, role: Role): Promise<{ token: string; info: TokenInfo }>
}
