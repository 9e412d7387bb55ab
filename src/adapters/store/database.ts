import type { Kysely } from 'kysely'
import type { ColumnTypes } from './migrations/migration.ts'
import type { PostgresLead } from './postgres-leader.ts'
import type { Schema } from './schema.ts'
import type { StorePlace } from './store-place.ts'

/** A database behind Kysely, with what differs between the two. */
export interface Database {
  readonly db: Kysely<Schema>
  readonly types: ColumnTypes
  /** How it is called in messages: a path, or a server without its secret. */
  readonly called: string
  /** Undefined where there is one connection, and so one transaction at a time. */
  readonly isolation: 'serializable' | undefined
  /** Whether two writers have met, so that the one that lost may be tried again from its start. */
  isConflict(error: unknown): boolean
  /** An error of the database as one of ours; all others as they are. */
  explain(error: unknown): unknown
  /** Within a transaction that may change the schema: keeps other controllers out of it to its end. */
  lockSchema(db: Kysely<Schema>): Promise<void>
  /** Within one too, before anything is changed, where there is a schema already. */
  examine(db: Kysely<Schema>): Promise<void>
  /** Where it is now. */
  place(db: Kysely<Schema>): Promise<StorePlace>
  backup(path: string): Promise<void>
  /** Where several processes could reach it: this one has it alone, as long as it leads. */
  readonly lead?: Pick<PostgresLead, 'lost' | 'claim' | 'insist' | 'end'>
}
