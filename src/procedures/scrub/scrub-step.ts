import type { Scan } from '../../domain/pool-status.ts'
import { bytesText } from '../../domain/text-units.ts'
import { days, type Duration, milliseconds, minutes, seconds, type Share, shareOf } from '../../domain/units.ts'
import type { LookContext, RunContext, Step } from '../../engine/step.ts'
import { scrubPause } from '../../operations/scrub-pause.ts'
import { scrubStart } from '../../operations/scrub-start.ts'
import { scrubStop } from '../../operations/scrub-stop.ts'
import { isAtWork, shownCommands, untilOver } from '../parts/operation-step.ts'
import { waitFor } from '../parts/wait-step.ts'
import { ScrubMeddled } from '../errors.ts'
import { lookAtScrub } from './look.ts'
import { Noted } from './note-step.ts'
import type { PoolPlan } from './plan.ts'
import { ScrubRecord } from './records.ts'
import type { World } from '../world.ts'

/**
 * Starts a scrub and waits for its end, however long that takes: a pause, an export and a restart of the host in the middle
 * are not its end. Written by hand: what is paused in the middle is resumed by the command that starts it, and ZFS does not tell
 * whose scrub it is.
 */
export function scrubStep(plan: PoolPlan): Step<World, ScrubRecord> {
  const { host, pool, guid, errorsOnly, takes } = plan
  const start = scrubStart.of({ pool, guid, errorsOnly })
  const [pause, stop] = [scrubPause.of({ pool, guid }), scrubStop.of({ pool, guid })]
  const look = (context: LookContext<World>) => lookAtScrub(context, plan, beforeOf(context))
  const withoutScan = async (context: LookContext<World>) => {
    const { scan: _, ...seen } = await look(context)
    return seen
  }
  return {
    id: 'scrub',
    title: `Scrub ${pool} on ${host}${errorsOnly ? ', only the blocks in its list of errors' : ''}`,
    commands: shownCommands(host, start),
    takes: takes ?? undefined,
    // A petabyte on slow disks takes weeks.
    deadline: days(90),
    Result: ScrubRecord,
    look: withoutScan,
    async run(context) {
      if (context.seen === 'absent' || (await isAtWork(context, host, context.begun?.operations))) {
        await context.change(context.world.host(host).changes, start)
      }
      return waitForEnd(context, plan, look)
    },
    pause: {
      title: `Pause the scrub of ${pool} on ${host}`,
      commands: shownCommands(host, pause),
      async run(context) {
        await untilOver(context, host)
        // What has ended meanwhile, or what somebody else has stopped, is not paused.
        if ((await look(context)).state !== 'running') return
        await context.change(context.world.host(host).changes, pause)
      },
    },
    undo: {
      kind: 'undo',
      title: `Stop the scrub of ${pool} on ${host}, if it has not ended`,
      commands: shownCommands(host, stop),
      async look(context) {
        if (await isAtWork(context, host, context.begun?.operations))
          return { state: 'absent', says: 'the host works on it' }
        const seen = await look(context)
        if (seen.state === 'running' && wasPausedBefore(context)) return { state: 'absent', says: 'it is paused again' }
        // Paused by us, it is told as absent; before it was begun there is nothing to stop.
        const isThere = seen.state === 'running' || (seen.state === 'absent' && (await isPaused(context, plan)))
        return isThere && !wasPausedBefore(context) ? { state: 'absent' } : { state: 'done', result: null }
      },
      async run(context) {
        await untilOver(context, host)
        const { changes } = context.world.host(host)
        // What somebody else had begun and paused is given back as it was.
        await context.change(changes, wasPausedBefore(context) ? pause : stop)
      },
    },
  }
}

const beforeOf = (context: LookContext<World>): ScrubRecord | null => Noted.parse(context.resultOf('note')).last

const wasPausedBefore = (context: LookContext<World>): boolean => beforeOf(context)?.state === 'paused'

async function isPaused(context: LookContext<World>, plan: PoolPlan): Promise<boolean> {
  const { begun } = context
  // Seen without the pauses of our own, a scrub that we have paused is somebody's.
  if (begun === undefined || begun.pauses.length === 0) return false
  const seen = await lookAtScrub({ ...context, begun: { ...begun, pauses: [] } }, plan, beforeOf(context))
  return seen.state === 'foreign' && seen.offers === 'run'
}

/** Through restarts of the host: a scrub goes on by itself when the pool is imported again. */
const waitForEnd = (
  context: RunContext<World>,
  { host, pool }: PoolPlan,
  look: (context: LookContext<World>) => ReturnType<typeof lookAtScrub>,
): Promise<ScrubRecord> =>
  waitFor(context, {
    what: `${pool} on ${host}`,
    async look() {
      const seen = await look(context)
      if (seen.state === 'done') return { result: seen.result }
      if (seen.state === 'foreign' || seen.state === 'unknown') throw new ScrubMeddled(seen.says)
      return { next: seen.scan === undefined ? undefined : tell(context, seen.scan) }
    },
  })

/** Says how far it is, and when it is worth looking again. */
function tell(context: RunContext<World>, scan: Scan): Duration {
  const { issued, total, timeLeft } = scan
  // What was scanned is far ahead of what was verified.
  const share: Share | undefined = issued === undefined || total === undefined ? scan.share : shareOf(issued, total)
  const text = issued === undefined || total === undefined ? undefined : `${bytesText(issued)} of ${bytesText(total)}`
  context.progress({ share, text, timeLeft })
  return timeLeft === undefined ? seconds(30) : milliseconds(Math.min(minutes(5), Math.max(seconds(10), timeLeft / 20)))
}
