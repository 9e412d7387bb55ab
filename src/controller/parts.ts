import type { AuditEntry, Freeze, ProcedureInfo, Role, TokenInfo } from '../api/operator-nouns.ts'
import type { Health } from '../domain/health/judge.ts'
import type { FleetView } from '../domain/health/view.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { FeedPage } from '../domain/ports/feed.ts'
import type { Mutes } from '../domain/ports/mutes.ts'
import type { RunStore } from '../domain/ports/run-store.ts'
import type { Json } from '../domain/run.ts'
import type { Instant } from '../domain/units.ts'
import type { Engine } from '../engine/engine.ts'

// What the parts of a controller are to each other: each is made in its own file, and main.ts puts them together.

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

/** What happened, in order and kept for a while. */
export interface FeedStore {
  after(sequence: number, limit: number): Promise<FeedPage>
  newest(): Promise<number>
  onFeed(listener: () => void): () => void
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
  engine: Engine
  runs: RunStore
  collected: Collected
  mutes: Mutes
  tokens: TokenStore
  freeze: FreezeStore
  audit: AuditStore
  standing: Standing
  procedures: readonly ProcedureInfo[]
  /** Whether a second person must approve runs of it. */
  needsApproval: (procedure: string) => boolean
  makeToken(name: string, role: Role): Promise<{ token: string; info: TokenInfo }>
}
