import type { RunRecord } from '../domain/run.ts'
import { seconds } from '../domain/units.ts'
import { NotNow } from './errors.ts'
import { RunEvent } from './events.ts'
import type { EngineNotice } from './live.ts'
import type { EngineOptions } from './options.ts'
import type { Procedure } from './procedure.ts'
import { Session } from './session.ts'
import { replay } from './transition.ts'
import { wait } from './wait.ts'

/** How long a run rests after a fault that its journal could not hold. */
const afterFault = seconds(10)

/** The runs that an engine has in its memory, and what works on each. */
export class Sessions<World> {
  readonly #options: EngineOptions<World>
  readonly #named: (name: string) => Procedure<World>
  readonly #tell: (notice: EngineNotice) => void
  readonly #closing: AbortSignal
  readonly #open = new Map<string, Promise<Session>>()
  readonly #driving = new Map<string, Promise<void>>()

  constructor(
    options: EngineOptions<World>,
    {
      named,
      tell,
      closing,
    }: { named: (name: string) => Procedure<World>; tell: (notice: EngineNotice) => void; closing: AbortSignal },
  ) {
    this.#options = options
    this.#named = named
    this.#tell = tell
    this.#closing = closing
  }

  /** The run with its journal: the one in memory, or what the store has. */
  async get(id: string): Promise<Session> {
    const open = this.#open.get(id) ?? this.#load(id)
    this.#open.set(id, open)
    try {
      return await open
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
  }

  /** The one in memory, where there is one. */
  async inMemory(id: string): Promise<Session | undefined> {
    return this.#open.get(id)
  }

  isDriven(id: string): boolean {
    return this.#driving.has(id)
  }

  /**
   * Has a run worked on, unless that is done already. `work` ends when nothing is left to do without a person. After a fault of ours
   * or of the store it begins anew from what is stored, and not at once: the journal tells where.
   */
  drive(id: string, work: (session: Session) => Promise<void>): void {
    if (this.#driving.has(id) || this.#closing.aborted) return
    const driving = this.#driveOn(id, work).finally(() => {
      this.#driving.delete(id)
      this.forget(id)
    })
    this.#driving.set(id, driving)
  }

  async #driveOn(id: string, work: (session: Session) => Promise<void>): Promise<void> {
    while (!this.#closing.aborted) {
      try {
        await work(await this.get(id))
        return
      } catch (error) {
        if (this.#closing.aborted) return
        this.#options.report({ run: id, error })
        this.#open.delete(id)
        await wait(this.#options.clock, afterFault, this.#closing).catch(() => undefined)
      }
    }
  }

  /** Lets a run go that nobody works on; the store has it. */
  forget(id: string): void {
    if (!this.#driving.has(id)) this.#open.delete(id)
  }

  async settled(): Promise<void> {
    while (this.#driving.size > 0) {
      await Promise.all(this.#driving.values())
    }
  }

  async #load(id: string): Promise<Session> {
    const { record, events } = await this.#options.store.transaction(async (transaction) => {
      const found = await transaction.run(id)
      if (found === undefined) throw new NotNow(`there is no run ${id}`, 'tiercel runs list shows them')
      return { record: found, events: await transaction.events(id) }
    })
    return this.adopt(record, events)
  }

  /** A session of what was read or just written. */
  adopt(record: RunRecord, events: readonly { at: RunRecord['updatedAt']; body: unknown }[]): Session {
    const steps = this.#named(record.procedure).steps(record.plan)
    const journal = replay(
      steps.map(({ id }) => id),
      events.map(({ at, body }) => ({ at, event: RunEvent.parse(body) })),
    )
    const titles = new Map(steps.map(({ id, title }) => [id, title]))
    return new Session(record, journal, titles, this.#options, { tell: this.#tell, closing: this.#closing })
  }
}
