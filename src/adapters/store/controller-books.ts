import type { Kysely } from 'kysely'
import type { ControllerBooks } from '../../domain/ports/controller-store.ts'
import { audit } from './audit.ts'
import { feed } from './feed.ts'
import { firstWords } from './first-words.ts'
import { freezes } from './freeze.ts'
import { identity } from './identity.ts'
import { issuedOperations } from './issued-operations.ts'
import { looks } from './looks.ts'
import { mutes } from './mutes.ts'
import { retention } from './retention.ts'
import type { Schema } from './schema.ts'
import type { StorePlace } from './store-place.ts'
import { tokens } from './tokens.ts'
import type { TranscriptBounds } from './transcript.ts'

/** What a transaction has to know of the store around it. */
export interface StoreContext {
  place: StorePlace
  bounds: StoreBounds
  /** What must be told once it is committed. */
  effects: { fed: boolean; claimed: boolean }
}

export interface StoreBounds {
  transcript: TranscriptBounds
  /** How many entries of the feed are kept. */
  feed: number
}

/** Everything beside the runs, over one transaction of the database. */
export function controllerBooks(db: Kysely<Schema>, { place, bounds, effects }: StoreContext): ControllerBooks {
  return {
    identity: identity(db, place, () => {
      effects.claimed = true
    }),
    feed: feed(db, bounds.feed, () => {
      effects.fed = true
    }),
    tokens: tokens(db),
    firstWords: firstWords(db),
    mutes: mutes(db),
    looks: looks(db),
    freeze: freezes(db),
    audit: audit(db),
    operations: issuedOperations(db),
    retention: retention(db),
  }
}
