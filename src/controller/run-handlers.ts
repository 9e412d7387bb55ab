import { madeAt, OperationId } from '../domain/operation.ts'
import { onceAtATime } from '../domain/once-at-a-time.ts'
import type { FirstWord } from '../domain/ports/first-words.ts'
import type { RunRecord } from '../domain/run.ts'
import { durationText } from '../domain/text-units.ts'
import { age, hours, Instant } from '../domain/units.ts'
import { Choice } from '../engine/events.ts'
import { insistOnSame } from '../engine/same-request.ts'
import type { Caller, Handlers } from './operator-app.ts'
import type { Parts } from './parts.ts'
import { BadRequest, NotAsThingsStand, NotThere } from './refusal-of.ts'
import { insistOnPerson, insistOnTwo, requireRole, stillCounts } from './second-person.ts'

/** Long enough for a request that is sent again when the controller is back. */
const clockMayDiffer = hours(1)

/** Where the fleet file says nothing. */
const defaultExpiry = hours(24)

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
export function runHandlers(parts: Parts): Pick<Handlers, RunRoutes> {
  const { engine, store, standing, procedures, clock } = parts
  const existing = async (id: string | undefined): Promise<RunRecord> => {
    const run = await store.transaction(async (transaction) => transaction.run(id ?? ''))
    if (run === undefined) throw new NotThere(`there is no run ${id ?? ''}`, '`tiercel runs list` shows them.')
    return run
  }
  /** Asked for at this moment: the same request again, over a connection that broke, waits for the first. */
  const starting = onceAtATime<RunRecord>()
  /** Runs are listed by their ids, newest first: an id from another time would stand in the wrong place for ever. */
  const isOfNow = (id: OperationId): void => {
    if (Math.abs(madeAt(id) - clock.now()) <= clockMayDiffer) return
    throw new NotAsThingsStand(
      `the request id was made ${durationText(age(madeAt(id), clock.now()))} ago, by its own word`,
      'Make a new one for a new run; if it is new, one of the two clocks is wrong.',
    )
  }
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

  const ruleOf = async (run: RunRecord) => parts.settings(await parts.rootOf(run)).approval
  const agreed = async (run: RunRecord, actions: readonly FirstWord['action'][], caller: Caller, choice = '') =>
    insistOnTwo(store, { run, actions, choice, caller, now: clock.now() }, await ruleOf(run))

  return {
    procedures: async () => ({ procedures: [...procedures] }),
    plan: async ({ body, signal }) => engine.plan(body.procedure, body.input, signal),
    runStart: async ({ body, caller, signal }) => {
      const { requestId: id, procedure, input, planHash } = body
      const requestedBy = caller.person
      const start = async (): Promise<RunRecord> => {
        const known = await store.transaction(async (transaction) => transaction.run(id))
        if (known !== undefined) return known
        mayChange()
        isOfNow(OperationId.parse(id))
        const approvalNeeded = parts.settings(procedure).approval?.for.includes('start') === true
        if (approvalNeeded) insistOnPerson(caller)
        return engine.start({ id, procedure, input, planHash, requestedBy, approvalNeeded }, signal)
      }
      const run = await starting(id, start)
      insistOnSame(run, { procedure, input, requestedBy })
      return run
    },
    runs: async ({ query }) => {
      const { state, procedure, parent, before, limit } = query
      const found = await store.transaction(async (transaction) =>
        transaction.summaries({
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
      const detail = await engine.detail(id)
      const rule = await ruleOf(detail.run)
      const words = rule === undefined ? [] : await store.transaction(async ({ firstWords }) => firstWords.of(id))
      const awaits = words.flatMap((word) =>
        rule === undefined || !stillCounts(word, detail.run, rule, clock.now())
          ? []
          : [{ ...word, by: word.person, until: Instant.parse(word.at + rule.expires) }],
      )
      return { ...detail, awaits }
    },
    runResume: async ({ params, caller }) => {
      const run = await existing(params['run'])
      mayChange()
      await agreed(run, ['resume'], caller)
      return engine.resume(run.id, caller.person)
    },
    runCancel: async ({ params, caller }) => {
      const { id } = await existing(params['run'])
      return engine.cancel(id, caller.person)
    },
    runUndo: async ({ params, caller }) => {
      const run = await existing(params['run'])
      mayChange()
      await agreed(run, ['undo'], caller)
      return engine.undo(run.id, caller.person)
    },
    runLeave: async ({ params, caller }) => {
      const { id } = await existing(params['run'])
      return engine.leave(id, caller.person)
    },
    runAnswer: async ({ params, body, caller }) => {
      const run = await existing(params['run'])
      const choice = Choice.safeParse(body.choice)
      if (!choice.success) {
        throw new BadRequest(`${body.choice} is no answer to any question; there are: ${Choice.options.join(', ')}`)
      }
      mayChange()
      // To answer with it is to ask for it.
      await agreed(run, choice.data === 'undo' ? ['answer', 'undo'] : ['answer'], caller, choice.data)
      return engine.answer(run.id, choice.data, caller.person)
    },
    runApprove: async ({ params, body, caller, signal }) => {
      const { id, requestedBy, procedure, parent, createdAt } = await existing(params['run'])
      if (parent !== null) {
        throw new NotAsThingsStand(
          'a part of a run is neither approved nor started by itself',
          `Approve the whole: tiercel runs approve ${parent}`,
        )
      }
      if (requestedBy === caller.person) {
        throw new NotAsThingsStand(
          `${caller.person} has asked for this run, and cannot approve it too`,
          'A second person approves, with a token of their own.',
        )
      }
      insistOnPerson(caller)
      // It may have been asked for before there were persons.
      const asked = (await store.transaction(async ({ tokens }) => tokens.list())).find(
        ({ name }) => name === requestedBy,
      )
      if (asked?.person === '') insistOnPerson({ name: requestedBy, isPersonKnown: false })
      const rule = parts.settings(procedure).approval
      requireRole(rule ?? { procedure, roles: ['operator', 'admin'] }, caller.role)
      const at = clock.now()
      const expiresAt = Instant.parse(Math.round(createdAt + (rule?.expires ?? defaultExpiry)))
      if (at > expiresAt) {
        throw new NotAsThingsStand(
          `it was asked for ${durationText(age(createdAt, at))} ago, and had to be approved before ${durationText(age(createdAt, expiresAt))} were over`,
          'Leave it, and ask anew: tiercel runs leave, tiercel run.',
        )
      }
      mayChange()
      return engine.approve(id, body.planHash, caller.person, signal)
    },
    transcript: async ({ params, query }) => {
      const { id } = await existing(params['run'])
      const commands = await engine.transcript(id, query.after, query.limit)
      return { commands, next: commands.length < query.limit ? null : (commands.at(-1)?.sequence ?? null) }
    },
    locks: async () => {
      const held = await store.transaction(async (transaction) => {
        const locks = await transaction.locks()
        const titles = new Map<string, string>()
        for (const id of new Set(locks.map(({ run }) => run))) titles.set(id, (await transaction.run(id))?.title ?? '')
        return locks.map((lock) => ({ ...lock, title: titles.get(lock.run) ?? '' }))
      })
      return { locks: held }
    },
  }
}
