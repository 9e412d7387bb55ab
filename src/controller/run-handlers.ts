import { type RunRecord } from '../domain/run.ts'
import type { Handlers } from './operator-app.ts'
import type { Parts } from './parts.ts'
import { NotAsThingsStand, NotThere } from './refusal-of.ts'

type RunRoutes =
  | 'procedures'
  | 'plan'
  | 'runStart'
  | 'runs'
  | 'run'
  | 'runResume'
  | 'runCancel'
  | 'runUndo'
  | 'runLeave'
  | 'runAnswer'
  | 'runApprove'
  | 'transcript'
  | 'locks'

/** Everything about plans and runs. */
export function runHandlers({
  engine,
  runs,
  requests,
  standing,
  procedures,
  needsApproval,
}: Parts): Pick<Handlers, RunRoutes> {
  const existing = async (id: string | undefined): Promise<RunRecord> => {
    const run = await runs.transaction(async (transaction) => transaction.run(id ?? ''))
    if (run === undefined) throw new NotThere(`there is no run ${id ?? ''}`, '`tiercel runs list` shows them.')
    return run
  }
  /** Asked for at this moment: the same request again, over a connection that broke, waits for the first. */
  const starting = new Map<string, Promise<RunRecord>>()
  /** What begins or goes on with changes is for the controller that the agents obey. */
  const mayChange = (): void => {
    const back = standing.standsBack()
    if (back !== null) {
      throw new NotAsThingsStand(
        `this controller changes nothing: ${back}`,
        'Ask the other one; or make this one the one that agents obey: tiercel controller take-over.',
      )
    }
  }

  return {
    procedures: async () => ({ procedures: [...procedures] }),
    plan: async ({ body, signal }) => engine.plan(body.procedure, body.input, signal),
    runStart: async ({ body, caller, signal }) => {
      const { requestId, procedure, input, planHash } = body
      const start = async (): Promise<RunRecord> => {
        const before = await requests.runOf(requestId)
        if (before !== undefined) return existing(before)
        mayChange()
        const approvalNeeded = needsApproval(procedure)
        const run = await engine.start({ procedure, input, planHash, requestedBy: caller.name, approvalNeeded }, signal)
        await requests.remember(requestId, run.id)
        return run
      }
      const mine = starting.get(requestId) ?? start().finally(() => starting.delete(requestId))
      starting.set(requestId, mine)
      return mine
    },
    runs: async ({ query }) => {
      const { state, procedure, parent, before, limit } = query
      const found = await runs.transaction(async (transaction) =>
        transaction.runs({
          ...(state === undefined ? {} : { states: state }),
          procedure,
          parent: parent === 'none' ? null : parent,
          before,
          limit,
        }),
      )
      return { runs: found, next: found.length < limit ? null : (found.at(-1)?.id ?? null) }
    },
    run: async ({ params }) => {
      const { id } = await existing(params['run'])
      return engine.detail(id)
    },
    runResume: async ({ params, caller }) => {
      const { id } = await existing(params['run'])
      mayChange()
      return engine.resume(id, caller.name)
    },
    runCancel: async ({ params, caller }) => {
      const { id } = await existing(params['run'])
      return engine.cancel(id, caller.name)
    },
    runUndo: async ({ params, caller }) => {
      const { id } = await existing(params['run'])
      mayChange()
      return engine.undo(id, caller.name)
    },
    runLeave: async ({ params, caller }) => {
      const { id } = await existing(params['run'])
      return engine.leave(id, caller.name)
    },
    runAnswer: async ({ params, body, caller }) => {
      const { id } = await existing(params['run'])
      mayChange()
      return engine.answer(id, body.choice, caller.name)
    },
    runApprove: async ({ params, body, caller }) => {
      const { id, requestedBy } = await existing(params['run'])
      if (requestedBy === caller.name) {
        throw new NotAsThingsStand(
          `${caller.name} has asked for this run, and cannot approve it too`,
          'A second person approves, with a token of their own.',
        )
      }
      mayChange()
      return engine.approve(id, body.planHash, caller.name)
    },
    transcript: async ({ params, query }) => {
      const { id } = await existing(params['run'])
      const commands = await engine.transcript(id, query.after, query.limit)
      return { commands, next: commands.length < query.limit ? null : (commands.at(-1)?.sequence ?? null) }
    },
    locks: async () => {
      const held = await runs.transaction(async (transaction) => {
        const locks = await transaction.locks()
        const titles = new Map<string, string>()
        for (const id of new Set(locks.map(({ run }) => run))) titles.set(id, (await transaction.run(id))?.title ?? '')
        return locks.map((lock) => ({ ...lock, title: titles.get(lock.run) ?? '' }))
      })
      return { locks: held }
    },
  }
}
