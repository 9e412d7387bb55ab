import { Refusal, Unreachable } from '../domain/errors.ts'
import {
  type CommandRecord,
  isFinal,
  type Operation,
  type OperationId,
  type OperationState,
} from '../domain/operation.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { Json } from '../domain/run.ts'
import { EffectMissing, OperationFailed, OperationLost } from './errors.ts'
import type { LiveProgress } from './live.ts'

/** The one operation of one attempt at a step: its id was journalled before it came here. */
export interface Attempt {
  id: OperationId
  /** It may have been submitted before: the journal had it when this engine began with the step. */
  isResumed: boolean
  /** What looking said right before. */
  seen: 'absent' | 'running'
  signal: AbortSignal
  progress: (said: Omit<LiveProgress, 'step'>) => void
  /** Keeps what was run, as soon as the host has told it: what waits for it may be called off long before its own end. */
  record: (commands: readonly CommandRecord[]) => Promise<void>
}

/** Has a host do an operation, or finds it again, and waits for its end. */
export class AttemptedChange {
  /**
   * What is known of the operation: nobody was asked for it; it may be under way; it has ended, and what it began may go on by
   * itself; or nothing comes of it any more.
   */
  state: 'unused' | 'open' | 'ended' | 'over' = 'unused'
  readonly #attempt: Attempt

  constructor(attempt: Attempt) {
    this.#attempt = attempt
  }

  async change(changes: Changes, operation: Operation): Promise<Json> {
    const { id, isResumed, seen, signal, record } = this.#attempt
    if (this.state !== 'unused') throw new TypeError('a step has one operation at most')
    // Whoever was called off and does not listen begins nothing any more.
    signal.throwIfAborted()
    this.state = 'open'
    const first = await this.#submit(changes, operation)
    const last = isFinal(first) ? first : await this.#follow(changes)
    this.state = last.state === 'failed' ? 'over' : 'ended'
    if (last.state === 'succeeded' || last.state === 'failed') await record(last.commands)
    signal.throwIfAborted()
    if (isResumed && seen === 'absent' && first.state === 'succeeded') {
      this.state = 'over'
      throw new EffectMissing(
        `the host says that ${operation.kind} succeeded (operation ${id}), but nothing of it can be seen`,
      )
    }
    return resultOf(last, operation)
  }

  async #submit(changes: Changes, operation: Operation): Promise<OperationState> {
    const { id, signal } = this.#attempt
    try {
      return await changes.submit(id, operation, signal)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      // It may be about the host, and not about this id: one that the host knows is under way, or was, whatever is said now.
      const known = await this.#known(changes, error)
      if (known !== undefined) return known
      this.state = 'over'
      throw error
    }
  }

  async #known(changes: Changes, refusal: Refusal): Promise<OperationState | undefined> {
    const { id, signal } = this.#attempt
    try {
      return await changes.result(id, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw new Unreachable(`whether the host knows operation ${id}, of which it says "${refusal.message}"`, {
        cause: error,
      })
    }
  }

  async #follow(changes: Changes): Promise<OperationState> {
    const { id, signal, progress } = this.#attempt
    for await (const state of changes.watch(id, signal)) {
      if (isFinal(state)) return state
      if (state.state === 'running') progress({ share: state.share, text: state.text })
    }
    throw new Unreachable(`what has become of operation ${id} was not told to its end`)
  }
}

function resultOf(last: OperationState, { kind }: Operation): Json {
  if (last.state === 'succeeded') return last.result
  if (last.state === 'failed') throw new OperationFailed(`${kind} failed: ${last.error}`, last.remedy)
  throw new OperationLost(`${kind} was lost: ${last.state === 'lost' ? last.error : last.state}`)
}
