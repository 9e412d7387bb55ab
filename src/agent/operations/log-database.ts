import { DatabaseSync } from 'node:sqlite'
import { apiError } from '../../api/agent.ts'
import { type GrantRequest, type NoteRequest, OperationRequest } from '../../api/operations.ts'
import { canonicalText } from '../../domain/canonical-json.ts'
import { Authority, isFinal, Operation, OperationId, OperationState } from '../../domain/operation.ts'
import { excludes } from '../../domain/subject.ts'
import { PublicKey, type Signature, signedWithin } from '../../domain/signed.ts'
import { type Duration, Instant } from '../../domain/units.ts'
import { subjectsOf } from '../../operations/registry.ts'
import { type Granted, judgeAuthority, judgeClaim, judgeNewId } from './judge-request.ts'
import {
  type Acceptance,
  type AskedOperation,
  type Grant,
  mostUnderWay,
  type Objection,
  type Taken,
} from './operation-log.ts'

/** An operation as it is kept. */
interface Kept {
  operation: Operation
  state: OperationState
}

/** A release without signatures has kept no key. */
const KeptGrant = Authority.extend({ key: PublicKey.optional() })

const lostBecause = 'the agent ended while this was under way; whether it was done can only be seen where it works'

/**
 * The operations of one host, on disk. Every method is one transaction, and is on the disk itself when it returns
 * (synchronous FULL). Synchronous: for a thread of its own.
 */
export class LogDatabase {
  readonly #database: DatabaseSync
  readonly #keepFor: Duration

  /** Makes the file where there is none; what it will remember begins then, at `now`. */
  constructor(path: string, { keepFor, now }: { keepFor: Duration; now: Instant }) {
    this.#keepFor = keepFor
    // A predecessor that is just ending still has its lock.
    this.#database = new DatabaseSync(path, { timeout: 5000 })
    // Exclusive: a second agent with the same folder would take the operations of the first for lost.
    this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    this.#whole(() => {
      const [row] = this.#rows('PRAGMA user_version')
      const version = Number(row?.['user_version'])
      if (version < 2) {
        this.#database.exec(`
          CREATE TABLE used_signatures (signature TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
          PRAGMA user_version = 2;`)
      }
      if (version > 0) return
      this.#database.exec(`
        CREATE TABLE operations (
          id TEXT PRIMARY KEY, subject TEXT NOT NULL, operation TEXT NOT NULL, authority TEXT NOT NULL,
          state TEXT NOT NULL, is_over INTEGER NOT NULL, accepted_at INTEGER NOT NULL, changed_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX under_way ON operations (is_over) WHERE is_over = 0;
        CREATE INDEX over ON operations (changed_at) WHERE is_over = 1;
        CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`)
      this.#keep('born', String(now))
    })
  }

  /** What was under way when the agent ended is lost; the ids are told. */
  lose(now: Instant): OperationId[] {
    return this.#whole(() => {
      const ids = this.#rows('SELECT id FROM operations WHERE is_over = 0').map(({ id }) => OperationId.parse(id))
      for (const id of ids) this.#write(id, { state: 'lost', error: lostBecause }, now)
      return ids
    })
  }

  /** Would this be accepted? Writes nothing. */
  judge(request: AskedOperation, now: Instant): Acceptance {
    // First of all: a refusal says that an id was not run and never will be.
    const known = this.#find(request.id)
    if (known !== undefined) {
      return sameOperation(known.operation, request.operation)
        ? { outcome: 'known', state: known.state }
        : { outcome: 'refused', refusal: reused(request.id) }
    }
    const refusal = judgeAuthority(this.#granted(), request.authority)
    if (refusal !== undefined) return { outcome: 'refused', refusal }
    const since = Instant.parse(Math.max(Number(this.#fact('born')), now - this.#keepFor))
    const forgotten = OperationId.optional().parse(this.#fact('forgotten'))
    const objection = judgeNewId(request.id, { since, forgotten }, now) ?? this.#busy(request.operation)
    return objection === undefined ? { outcome: 'new' } : { outcome: 'refused', refusal: objection }
  }

  /** Accepts what `judge` calls new, and raises the epoch that is obeyed. */
  accept(request: AskedOperation, now: Instant): Acceptance {
    return this.#whole(() => {
      const judged = this.judge(request, now)
      if (judged.outcome !== 'new') return judged
      this.#grantTo({ ...request.authority, key: this.#granted()?.key })
      const newest = this.#fact('newest')
      if (newest === undefined || request.id > newest) {
        this.#keep('newest', request.id)
        this.#keep('newest request', JSON.stringify(request))
      }
      this.#database
        .prepare('INSERT INTO operations VALUES (?, ?, ?, ?, ?, 0, ?, ?)')
        .run(
          request.id,
          subjectsOf(request.operation).join('\n'),
          JSON.stringify(request.operation),
          JSON.stringify(request.authority),
          JSON.stringify({ state: 'accepted' }),
          now,
          now,
        )
      this.#prune(now)
      return judged
    })
  }

  find(id: OperationId): OperationState | undefined {
    return this.#find(id)?.state
  }

  write(id: OperationId, state: OperationState, now: Instant): void {
    this.#whole(() => this.#write(id, state, now))
  }

  grant(): Grant {
    const granted = this.#granted()
    const request = OperationRequest.safeParse(JSON.parse(this.#fact('newest request') ?? 'null'))
    return {
      authority: granted === undefined ? null : { controller: granted.controller, epoch: granted.epoch },
      key: granted?.key ?? null,
      lastOperation: OperationId.nullable().parse(this.#fact('newest') ?? null),
      lastRequest: request.data ?? null,
    }
  }

  /** Gives the host to whoever may have it. `mayGrant`: who asks may give it to anybody. */
  take(request: GrantRequest, mayGrant: boolean): Taken {
    return this.#whole(() => {
      const refusal = judgeClaim(this.#granted(), request, mayGrant)
      if (refusal !== undefined) return { refusal }
      this.#grantTo(request)
      return this.grant()
    })
  }

  /** Gives the host to this one, whatever it obeyed before. */
  note(granted: NoteRequest): Grant {
    return this.#whole(() => {
      this.#grantTo(granted)
      return this.grant()
    })
  }

  /** Objects to what came once already. Older ones are refused by their time, and forgotten. */
  use(signature: Signature, now: Instant): Objection {
    return this.#whole(() => {
      this.#database.prepare('DELETE FROM used_signatures WHERE at < ?').run(now - 3 * signedWithin)
      const { changes } = this.#database
        .prepare('INSERT OR IGNORE INTO used_signatures VALUES (?, ?)')
        .run(signature, now)
      return changes === 0 ? apiError('signature-used', 'this came once already, and counts once').error : undefined
    })
  }

  /** Is this controller obeyed? */
  authorize(asked: Authority): Objection {
    return judgeAuthority(this.#granted(), asked)
  }

  close(): void {
    this.#database.close()
  }

  #find(id: OperationId): Kept | undefined {
    const [row] = this.#rows('SELECT operation, state FROM operations WHERE id = ?', id)
    if (row === undefined) return undefined
    return {
      operation: Operation.parse(JSON.parse(String(row['operation']))),
      state: OperationState.parse(JSON.parse(String(row['state']))),
    }
  }

  #busy(operation: Operation): Objection {
    const underWay = this.#rows('SELECT id, subject FROM operations WHERE is_over = 0')
    const wanted = subjectsOf(operation)
    for (const { id, subject } of underWay) {
      // No name of a thing has a line's end in it.
      const their = String(subject)
        .split('\n')
        .find((one) => wanted.some((ours) => excludes(ours, one)))
      if (their === undefined) continue
      const message = `the operation ${String(id)} works on ${spoken(their)} already`
      return apiError('busy', message, 'wait for it, or cancel it').error
    }
    if (underWay.length < mostUnderWay) return undefined
    return apiError('busy', `${underWay.length} operations are under way here already`, 'wait for one of them').error
  }

  #write(id: OperationId, state: OperationState, now: Instant): void {
    this.#database
      .prepare('UPDATE operations SET state = ?, is_over = ?, changed_at = ? WHERE id = ? AND is_over = 0')
      .run(JSON.stringify(state), isFinal(state) ? 1 : 0, now, id)
  }

  /** Forgets what is over for long, and that it was there: no id up to the newest of them is ever taken again. */
  #prune(now: Instant): void {
    const [row] = this.#rows(
      'DELETE FROM operations WHERE is_over = 1 AND changed_at < ? RETURNING id',
      now - this.#keepFor,
    ).toSorted((a, b) => (String(a['id']) < String(b['id']) ? 1 : -1))
    const newest = row === undefined ? undefined : String(row['id'])
    if (newest !== undefined && newest > (this.#fact('forgotten') ?? '')) this.#keep('forgotten', newest)
  }

  #granted(): Granted | undefined {
    const text = this.#fact('granted')
    return text === undefined ? undefined : KeptGrant.parse(JSON.parse(text))
  }

  #grantTo({ controller, epoch, key }: Granted): void {
    this.#keep('granted', JSON.stringify({ controller, epoch, key }))
  }

  #fact(name: string): string | undefined {
    const [row] = this.#rows('SELECT value FROM facts WHERE name = ?', name)
    return row === undefined ? undefined : String(row['value'])
  }

  #keep(name: string, value: string): void {
    this.#database.prepare('INSERT OR REPLACE INTO facts VALUES (?, ?)').run(name, value)
  }

  #rows(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
    return this.#database.prepare(sql).all(...values)
  }

  #whole<T>(run: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = run()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

/** `pool:tank` as it is said. */
const spoken = (subject: string): string => subject.replace(':', ' ')

/** Whatever order their keys came in: a release may keep another one. */
const sameOperation = (one: Operation, other: Operation): boolean => canonicalText(one) === canonicalText(other)

const reused = (id: OperationId): NonNullable<Objection> =>
  apiError('id-reused', `the id ${id} is that of another operation here: an id is for one alone`).error
