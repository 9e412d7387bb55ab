import { Unreachable } from '../domain/errors.ts'
import {
  type CommandRecord,
  isFinal,
  type Operation,
  type OperationId,
  type OperationState,
} from '../domain/operation.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { Json } from '../domain/run.ts'
import { Refusal } from '../domain/errors.ts'
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
}

/** Has a host do an operation, or finds it again, and waits for its end. */
export class AttemptedChange {
  /** True when it is known that nothing more will happen under this id. */
  isOver = false
  readonly commands: CommandRecord[] = []
  readonly #attempt: Attempt
  #isUsed = false

  constructor(attempt: Attempt) {
    this.#attempt = attempt
  }

  async change(changes: Changes, operation: Operation): Promise<Json> {
    const { id, isResumed, seen, signal } = this.#attempt
    if (this.#isUsed) throw new TypeError('a step has one operation at most')
    this.#isUsed = true
    const first = await this.#submit(changes, operation)
    if (isResumed && seen === 'absent' && first.state === 'succeeded') {
      this.isOver = true
      throw new EffectMissing(
        `the host says that ${operation.kind} succeeded (operation ${id}), but nothing of it can be seen`,
      )
    }
    const last = isFinal(first) ? first : await this.#follow(changes)
    signal.throwIfAborted()
    return this.#end(last, operation)
  }

  async #submit(changes: Changes, operation: Operation): Promise<OperationState> {
    const { id, signal } = this.#attempt
    try {
      return await changes.submit(id, operation, signal)
    } catch (error) {
      // A refusal is the one error that says that nothing was begun, and nothing will be.
      if (error instanceof Refusal) this.isOver = true
      throw error
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

  #end(last: OperationState, { kind }: Operation): Json {
    this.isOver = true
    if (last.state === 'succeeded' || last.state === 'failed') this.commands.push(...last.commands)
    if (last.state === 'succeeded') return last.result
    if (last.state === 'failed') throw new OperationFailed(`${kind} failed: ${last.error}`, last.remedy)
    throw new OperationLost(`${kind} was lost: ${last.state === 'lost' ? last.error : last.state}`)
  }
}
