import type { ProcedureInfo } from '../api/operator-nouns.ts'
import type { Health } from '../domain/health/judge.ts'
import type { FleetView } from '../domain/health/view.ts'
import type { Audit } from '../domain/ports/audit.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Feed } from '../domain/ports/feed.ts'
import type { Freezes } from '../domain/ports/freeze.ts'
import type { Mutes } from '../domain/ports/mutes.ts'
import type { ControllerStore } from '../domain/ports/controller-store.ts'
import type { Tokens } from '../domain/ports/tokens.ts'
import type { Json } from '../domain/run.ts'
import type { SettingsOf } from '../domain/settings-of.ts'
import type { Instant } from '../domain/units.ts'
import type { Engine } from '../engine/engine.ts'
import type { RootProcedure } from './root-procedure.ts'

// What the parts of a controller are to each other: each is made in its own file, and main.ts puts them together.

/** What happened, in order and kept for a while. */
export interface FollowedFeed extends Pick<Feed, 'after' | 'newest'> {
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
  /** Why it changes nothing on some hosts, while it does on others: a sentence for each. */
  apart(): string[]
  takeOver(from: readonly string[]): Promise<{ epoch: number; hosts: { host: string; says: string }[] }>
}

/** Everything that the handlers answer from. */
export interface Parts {
  clock: Clock
  engine: Engine
  /** For what must be one transaction. */
  store: Pick<ControllerStore, 'transaction'>
  collected: Collected
  mutes: Mutes
  tokens: Tokens
  freeze: Freezes
  audit: Audit
  standing: Standing
  procedures: readonly ProcedureInfo[]
  /** What the fleet file says about runs of this procedure, and of their parts. */
  settings: (procedure: string) => Pick<SettingsOf, 'approval'>
  rootOf: RootProcedure
  /** Writes a whole copy of the store into a file that does not exist yet. */
  backup: (file: string) => Promise<void>
}
