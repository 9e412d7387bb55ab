import type { Logger } from 'pino'
import { apiError, type ApiError } from '../../api/agent.ts'
import type { CancelRequest } from '../../api/operations.ts'
import { explain, Refusal } from '../../domain/errors.ts'
import type { Operation, OperationId, OperationState } from '../../domain/operation.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import { seconds, type Share } from '../../domain/units.ts'
import { pause } from '../../observe/pause.ts'
import type { Signable, Signature } from '../../domain/signed.ts'
import { judgeSignature } from './judge-signature.ts'
import { type AskedOperation, LogFailed, type OperationLog } from './operation-log.ts'

/** What an operation is given while it is done. */
export interface Doing {
  /** Aborted when it is canceled. */
  signal: AbortSignal
  progress: (said: { share?: Share | undefined; text?: string | undefined }) => void
}

/** Does operations, whoever does them. */
export interface Doer {
  /** Rejects with a {@link Refusal} where it would not be done. Changes nothing. */
  permit(operation: Operation): Promise<void>
  /** Gives a final state; rejects for what nobody foresaw. */
  do(id: OperationId, operation: Operation, doing: Doing): Promise<OperationState>
}

type AskedCancel = Omit<CancelRequest, 'apiVersion' | 'at' | 'signature'> &
  Partial<Pick<CancelRequest, 'at' | 'signature'>>

type Answer = { state: OperationState } | { refusal: ApiError['error'] }

/** The operations of this host, from the request to the end. */
export interface Operations {
  /** Once nobody else can be keeping the log: tells what is lost. What fails here is tried again with the first request. */
  start(): Promise<void>
  submit(request: AskedOperation): Promise<Answer>
  find(id: OperationId): Promise<OperationState | undefined>
  /** The state as it is, then each that follows; ends with a final one. Undefined where the id is not known. */
  watch(id: OperationId): Promise<Watched | undefined>
  cancel(id: OperationId, request: AskedCancel): Promise<Answer | undefined>
}

/** An operation that somebody watches. */
export interface Watched {
  readonly state: OperationState
  /** Calls back at each change, until the function that comes back is called. */
  onChange(run: () => void): () => void
}

/** One that is under way here. */
interface Live extends Watched {
  state: OperationState
  tell(state: OperationState): void
  cancel: AbortController
}

/** What has ended must be written down before it is told; a disk that is full is asked again. */
const writeAgainAfter = seconds(2)

export function createOperations(options: {
  host: string
  log: OperationLog
  doer: Doer
  clock: Clock
  audit: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Nobody but this process can ask, so that nothing need be signed: simulated hosts. */
  isUnsigned?: boolean
}): Operations {
  const { host, log, doer, clock, audit, isUnsigned = false } = options
  const live = new Map<OperationId, Live>()

  /** Once, before anything is accepted: nothing may be taken for under way that is not. */
  let ready: Promise<void> | undefined
  const prepare = async () => {
    for (const id of await log.lose()) audit.warn({ operation: id }, 'an operation is lost: the agent ended under it')
  }
  const isReady = async () => {
    ready ??= prepare()
    try {
      await ready
    } catch (error) {
      ready = undefined
      throw error
    }
  }

  const end = async (id: OperationId, one: Live, state: OperationState): Promise<void> => {
    for (;;) {
      try {
        await log.write(id, state)
        break
      } catch (error) {
        audit.error({ operation: id, error: explain(error) }, 'how an operation ended cannot be written; tried again')
        one.tell({ state: 'running', text: `it has ended, and that cannot be written down: ${explain(error)}` })
        await pause(clock, writeAgainAfter)
      }
    }
    live.delete(id)
    audit.info({ operation: id, ...outcomeOf(state) }, 'operation ended')
    one.tell(state)
  }

  const run = async (id: OperationId, operation: Operation, one: Live): Promise<void> => {
    try {
      await log.write(id, { state: 'running' })
    } catch (error) {
      // Nobody was asked for anything yet: it can be tried again, under another id.
      await end(id, one, { state: 'failed', error: explain(error), remedy: 'retry', commands: [] })
      return
    }
    one.tell({ state: 'running' })
    const doing: Doing = {
      signal: one.cancel.signal,
      progress: (said) => one.tell({ state: 'running', ...said }),
    }
    let state: OperationState
    try {
      state = await doer.do(id, operation, doing)
    } catch (error) {
      const remedy = error instanceof Refusal ? error.remedy : 'ask'
      state = { state: 'failed', error: explain(error), remedy, commands: [] }
    }
    await end(id, one, state)
  }

  const forged = async (said: Signable, signature: Signature | undefined): Promise<ApiError['error'] | undefined> => {
    if (isUnsigned) return undefined
    const { key } = await log.grant()
    return judgeSignature(key ?? undefined, said, signature, clock.now())
  }

  /** The answer of `judge`, and what the doer says to what is new. */
  const judged = async (request: AskedOperation): Promise<Answer | 'new'> => {
    if (request.host !== host) return otherHost(request.id, request.host)
    await isReady()
    const acceptance = await log.judge(request)
    if (acceptance.outcome === 'known') return { state: live.get(request.id)?.state ?? acceptance.state }
    if (acceptance.outcome === 'refused') return acceptance
    const { id, operation, authority, at = clock.now(), signature } = request
    const refusal = await forged({ what: 'operation', host, id, operation, authority, at }, signature)
    if (refusal !== undefined) return { refusal }
    await doer.permit(request.operation)
    return 'new'
  }

  const otherHost = (id: OperationId, meant: string) =>
    refused(
      'other-host',
      `the operation ${id} is for ${meant}, and this is ${host}`,
      'compare the address of the host in tiercel.yaml with host in agent.yaml',
    )

  return {
    start: isReady,

    async submit(request) {
      const { id, operation, authority } = request
      const about = { operation: id, what: operation, by: authority }
      const refuse = (refusal: ApiError['error']): Answer => {
        audit.warn({ ...about, code: refusal.code, why: refusal.message }, 'operation refused')
        return { refusal }
      }
      try {
        const answer = await judged(request)
        if (answer !== 'new') return 'refusal' in answer ? refuse(answer.refusal) : answer
        // Judged once more with the writing, in one transaction: another may have come in between.
        const acceptance = await log.accept(request)
        if (acceptance.outcome === 'refused') return refuse(acceptance.refusal)
        if (acceptance.outcome === 'known') return { state: live.get(id)?.state ?? acceptance.state }
      } catch (error) {
        return refuse(refusalOf(error))
      }
      audit.info(about, 'operation accepted')
      const one = createLive()
      live.set(id, one)
      void run(id, operation, one)
      return { state: one.state }
    },

    async find(id) {
      await isReady()
      return live.get(id)?.state ?? log.find(id)
    },

    async watch(id) {
      const one = live.get(id)
      if (one !== undefined) return one
      await isReady()
      const state = await log.find(id)
      if (state === undefined) return undefined
      // It may have been accepted while we asked.
      return live.get(id) ?? { state, onChange: () => () => undefined }
    },

    async cancel(id, { host: meant, authority, at = clock.now(), signature }) {
      if (meant !== host) return otherHost(id, meant)
      await isReady()
      const refusal =
        (await log.authorize(authority)) ??
        (await forged({ what: 'cancel', host, id, authority, at }, signature)) ??
        (signature === undefined ? undefined : await log.use(signature))
      if (refusal !== undefined) return { refusal }
      const one = live.get(id)
      if (one !== undefined) {
        audit.info({ operation: id, by: authority }, 'operation canceled')
        one.cancel.abort()
        return { state: one.state }
      }
      const state = await log.find(id)
      return state === undefined ? undefined : { state }
    },
  }
}

function createLive(): Live {
  const watchers = new Set<() => void>()
  const one: Live = {
    state: { state: 'accepted' },
    cancel: new AbortController(),
    tell(state) {
      one.state = state
      for (const run of watchers) run()
    },
    onChange(run) {
      watchers.add(run)
      return () => watchers.delete(run)
    },
  }
  return one
}

const refused = (code: ApiError['error']['code'], message: string, hint?: string): { refusal: ApiError['error'] } => ({
  refusal: apiError(code, message, hint).error,
})

function refusalOf(error: unknown): ApiError['error'] {
  if (error instanceof LogFailed) {
    return apiError('not-kept', `what cannot be written down is not done: ${explain(error)}`, 'make room on its disk')
      .error
  }
  if (error instanceof Refusal) {
    const code = error.code === 'refused-by-policy' || error.code === 'executor-unreachable' ? error.code : 'failed'
    return apiError(code, error.message, error.hint).error
  }
  throw error
}

function outcomeOf(state: OperationState): Record<string, unknown> {
  if (state.state === 'succeeded') return { outcome: 'succeeded', result: state.result, commands: commandsOf(state) }
  if (state.state === 'failed') return { outcome: 'failed', error: state.error, commands: commandsOf(state) }
  return { outcome: state.state }
}

const commandsOf = ({ commands }: { commands: readonly { command: string; exitCode: number | null }[] }): string[] =>
  commands.map(({ command, exitCode }) => `${command} (${exitCode === null ? 'no end' : `exit ${exitCode}`})`)
