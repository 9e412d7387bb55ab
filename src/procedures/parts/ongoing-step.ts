import type { z } from 'zod'
import { OpsError } from '../../domain/errors.ts'
import type { Operation } from '../../domain/operation.ts'
import type { Scan } from '../../domain/pool-status.ts'
import type { Json } from '../../domain/run.ts'
import { bytesText } from '../../domain/text-units.ts'
import { age, type Duration, hours, milliseconds, minutes, seconds, shareOf } from '../../domain/units.ts'
import type { Look, LookContext, RunContext, Step } from '../../engine/step.ts'
import { Meddled } from '../errors.ts'
import type { World } from '../world.ts'
import { isAtWork, shownCommands, untilOver } from './operation-step.ts'

/** For so long a host may be away in the middle of what goes on by itself when it is back. */
const awayAtMost = hours(24)

/** What is seen of work that goes on by itself once it was begun. */
export type Ongoing<Result> = Look<Result> & {
  /** How far it is, where it runs. */
  progress?: Parameters<RunContext<World>['progress']>[0] | undefined
  /** It is `absent` since we have paused it: to begin it again is to go on with it. */
  isPaused?: boolean | undefined
}

/**
 * A step whose operation only begins what the world then goes on with by itself (a scrub, a trim, a resilver): it waits for the end,
 * however long that takes. A pause, an export and a restart of the host in the middle are not its end. What becomes foreign
 * while it is waited for asks a person.
 */
export function ongoingStep<Result extends Json>(step: {
  id: string
  title: string
  host: string
  /** "hot-tier on n1": said while it cannot be seen. */
  what: string
  /** Begins it, and goes on with it after a pause. */
  begin: Operation
  takes?: Duration | undefined
  deadline: Duration
  Result: z.ZodType<Result>
  look: (context: LookContext<World>) => Promise<Ongoing<Result>>
  pause?: { title: string; operation: Operation }
  undo: {
    title: string
    stop: Operation
    /** Whether it was there before, paused by somebody: then it is paused again, and not stopped. */
    wasPausedBefore?: (context: LookContext<World>) => boolean
  }
}): Step<World, Result> {
  const { id, title, host, what, begin, takes, deadline, Result, look, pause, undo } = step
  const change = (context: RunContext<World>, operation: Operation) =>
    context.change(context.world.host(host).changes, operation)
  const toGiveBack = (context: LookContext<World>): Operation | undefined =>
    undo.wasPausedBefore?.(context) === true ? pause?.operation : undefined
  const whatIsLeft = async (context: LookContext<World>): Promise<Look<null>> => {
    const seen = await look(context)
    if (seen.state === 'unknown') return seen
    const isGivenBack = toGiveBack(context) !== undefined
    if (seen.state === 'running') return { state: 'absent', ...(isGivenBack ? { says: 'it is paused again' } : {}) }
    // Before it was begun there is nothing to stop; of what is somebody else's there is nothing of ours.
    return seen.isPaused === true && !isGivenBack ? { state: 'absent' } : { state: 'done', result: null }
  }
  return {
    id,
    title,
    commands: shownCommands(host, begin),
    takes,
    deadline,
    Result,
    look,
    async run(context) {
      if (context.seen === 'absent' || (await isAtWork(context, host, context.begun.operations))) {
        await change(context, begin)
      }
      return untilEnded(context, what, look)
    },
    pause: pause && {
      title: pause.title,
      commands: shownCommands(host, pause.operation),
      async run(context) {
        await untilOver(context, host)
        // What has ended meanwhile, or what somebody else has stopped, is not paused.
        if ((await look(context)).state === 'running') await change(context, pause.operation)
      },
    },
    undo: {
      kind: 'undo',
      title: undo.title,
      commands: shownCommands(host, undo.stop),
      async look(context) {
        if (await isAtWork(context, host, context.begun?.operations))
          return { state: 'absent', says: 'the host works on it' }
        return whatIsLeft(context)
      },
      async run(context) {
        await untilOver(context, host)
        // What our operation has met, and what has ended meanwhile, may be somebody else's by now: that is not stopped.
        const left = await whatIsLeft(context)
        if (left.state === 'unknown') throw new Meddled(left.says)
        if (left.state === 'done') return
        await change(context, toGiveBack(context) ?? undo.stop)
      },
    },
  }
}

/** Waits for the end, through restarts and absences of the host. */
async function untilEnded<Result>(
  context: RunContext<World>,
  what: string,
  look: (context: LookContext<World>) => Promise<Ongoing<Result>>,
): Promise<Result> {
  let seenAt = context.now()
  for (;;) {
    let timeLeft: Duration | undefined
    try {
      const seen = await look(context)
      if (seen.state === 'done') return seen.result
      if (seen.state === 'foreign' || seen.state === 'unknown') throw new Meddled(seen.says)
      seenAt = context.now()
      timeLeft = seen.progress?.timeLeft
      if (seen.progress !== undefined) context.progress(seen.progress)
    } catch (error) {
      context.signal.throwIfAborted()
      const isAway = error instanceof OpsError && error.remedy === 'retry'
      if (!isAway || age(seenAt, context.now()) > awayAtMost) throw error
      context.progress({ text: `${what} cannot be seen (${error.message}): waits for it` })
    }
    await context.sleep(nextLook(timeLeft))
  }
}

/** When it is worth looking again. */
const nextLook = (timeLeft: Duration | undefined): Duration =>
  timeLeft === undefined ? seconds(30) : milliseconds(Math.min(minutes(5), Math.max(seconds(10), timeLeft / 20)))

/** How far a scan is: what was scanned is far ahead of what was verified. */
export function progressOf({ issued, total, share, timeLeft }: Scan): NonNullable<Ongoing<null>['progress']> {
  if (issued === undefined || total === undefined) return { share, timeLeft }
  return { share: shareOf(issued, total), text: `${bytesText(issued)} of ${bytesText(total)}`, timeLeft }
}
