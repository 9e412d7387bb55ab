import { explain } from '../domain/errors.ts'
import { isActive, type RunRecord } from '../domain/run.ts'
import { seconds } from '../domain/units.ts'
import { NotNow, Unreadable } from './errors.ts'
import { RunEvent } from './events.ts'
import { restedAtWork, withPhase } from './older-journal.ts'
import { itemsOf, type Procedure, titlesOf } from './procedure.ts'
import { type Contents, Session, type Surroundings } from './session.ts'
import { replay } from './transition.ts'
import { wait } from './wait.ts'

/** How long a run rests after a fault that its journal could not hold. */
const afterFault = seconds(10)

/** The runs that an engine has in its memory, and what works on each. There is one session of a run, as long as anybody uses it. */
export class Sessions<World> {
  readonly #around: Surroundings
  readonly #named: (name: string) => Procedure<World>
  readonly #open = new Map<string, { session: Promise<Session>; users: number }>()
  readonly #driving = new Map<string, Promise<void>>()

  constructor(around: Surroundings, named: (name: string) => Procedure<World>) {
    this.#around = around
    this.#named = named
  }

  /** The run with its journal: the one in memory, or what the store has. Rejects with `Unreadable`. */
  async use<T>(id: string, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#use(id, async () => new Session(await this.#read(id), this.#around), work)
  }

  /** A run that is about to be written for the first time. */
  async useNew<T>(record: RunRecord, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#use(record.id, async () => new Session(this.#contents(record, [], record), this.#around), work)
  }

  async #use<T>(id: string, load: () => Promise<Session>, work: (session: Session) => Promise<T>): Promise<T> {
    const open = this.#open.get(id) ?? { session: load(), users: 0 }
    this.#open.set(id, open)
    open.users += 1
    try {
      return await work(await open.session)
    } finally {
      open.users -= 1
      if (open.users === 0) this.#open.delete(id)
    }
  }

  /** Of a run in memory; nothing for another. */
  withOpen(id: string, work: (session: Session) => void): void {
    this.#open.get(id)?.session.then(work, () => undefined)
  }

  ringAll(): void {
    for (const id of this.#open.keys()) this.withOpen(id, ({ bell }) => bell.ring())
  }

  /**
   * Has a run worked on, unless that is done already. `work` ends when nothing is left to do without a person. After a fault of ours
   * or of the store it begins anew from what is stored, and not at once: the journal tells where.
   */
  drive(id: string, work: (session: Session) => Promise<void>): void {
    if (this.#driving.has(id) || this.#around.closing.aborted) return
    this.#driving.set(id, this.#keepDriving(id, work))
  }

  async #keepDriving(id: string, work: (session: Session) => Promise<void>): Promise<void> {
    const { closing, clock, report } = this.#around
    while (!closing.aborted) {
      try {
        await this.use(id, async (session) => this.#driveOn(session, work))
        return
      } catch (error) {
        if (closing.aborted) break
        report({ run: id, error })
        if (error instanceof Unreadable) {
          this.#driving.delete(id)
          await this.#noteUnread(id, error)
          return
        }
        await wait(clock, afterFault, closing).catch(() => undefined)
      }
    }
    this.#driving.delete(id)
  }

  async #driveOn(session: Session, work: (session: Session) => Promise<void>): Promise<void> {
    const { closing, clock, report } = this.#around
    const { id } = session.record
    for (let isRead = true; !closing.aborted;) {
      try {
        // There is one session of a run: where it has gone wrong, it is made right, and not thrown away.
        if (!isRead) await session.inTurn(async () => session.restore(await this.#read(id)))
        isRead = true
        await work(session)
        // A person may have said something at the very end: nothing comes in between here.
        if (isActive(session.journal.state)) continue
        this.#driving.delete(id)
        return
      } catch (error) {
        if (closing.aborted) break
        if (error instanceof Unreadable) throw error
        report({ run: id, error })
        isRead = false
        await wait(clock, afterFault, closing).catch(() => undefined)
      }
    }
    this.#driving.delete(id)
  }

  /** What cannot be read waits for a person: trying again does not help. */
  async #noteUnread(id: string, error: Unreadable): Promise<void> {
    const { store, report } = this.#around
    try {
      await store.transaction(async (transaction) => {
        const record = await transaction.run(id)
        if (record !== undefined) await transaction.append({ ...record, reason: explain(error) }, [])
      })
    } catch (failure) {
      report({ run: id, error: failure })
    }
  }

  async settled(): Promise<void> {
    while (this.#driving.size > 0) await Promise.all(this.#driving.values())
  }

  async #read(id: string): Promise<Contents> {
    const { record, events } = await this.#around.store.transaction(async (transaction) => {
      const found = await transaction.run(id)
      if (found === undefined) throw new NotNow(`there is no run ${id}`, 'tiercel runs list shows them')
      return { record: found, events: await transaction.events(id) }
    })
    return this.#contents(record, events, await this.#rootOf(record))
  }

  async #rootOf(record: RunRecord): Promise<RunRecord> {
    const { parent } = record
    if (parent === null) return record
    const open = this.#open.get(parent)
    if (open !== undefined) return (await open.session).root
    const above = await this.#around.store.transaction(async (transaction) => transaction.run(parent))
    return above === undefined ? record : this.#rootOf(above)
  }

  #contents(
    record: RunRecord,
    events: readonly { at: RunRecord['updatedAt']; body: unknown }[],
    root: RunRecord,
  ): Contents {
    try {
      const items = itemsOf(this.#named(record.procedure).phases(record.plan))
      const steps = titlesOf(items)
      const written = events.map(({ at, body }) => ({ at, event: RunEvent.parse(body) }))
      const read = withPhase(items, written)
      return { record, journal: replay([...steps.keys()], read, restedAtWork), steps, root }
    } catch (error) {
      throw new Unreadable(record.id, explain(error))
    }
  }
}
