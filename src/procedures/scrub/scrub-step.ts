import { days } from '../../domain/units.ts'
import type { LookContext, Step } from '../../engine/step.ts'
import { scrubPause } from '../../operations/scrub-pause.ts'
import { scrubStart } from '../../operations/scrub-start.ts'
import { scrubStop } from '../../operations/scrub-stop.ts'
import { ongoingStep } from '../parts/ongoing-step.ts'
import { lookAtScrub } from './look.ts'
import { Noted } from './note-and-verify.ts'
import type { PoolPlan } from './plan.ts'
import { ScrubRecord } from './records.ts'
import type { World } from '../world.ts'

/** Starts a scrub and waits for its end: it goes on by itself when the pool is imported again. */
export function scrubStep(plan: PoolPlan): Step<World, ScrubRecord> {
  const { host, pool, guid, errorsOnly, takes } = plan
  return ongoingStep({
    id: 'scrub',
    title: `Scrub ${pool} on ${host}${errorsOnly ? ', only the blocks in its list of errors' : ''}`,
    host,
    what: `${pool} on ${host}`,
    begin: scrubStart.of({ pool, guid, errorsOnly }),
    takes: takes ?? undefined,
    // A petabyte on slow disks takes weeks.
    deadline: days(90),
    Result: ScrubRecord,
    look: (context) => lookAtScrub(context, plan, beforeOf(context)),
    pause: { title: `Pause the scrub of ${pool} on ${host}`, operation: scrubPause.of({ pool, guid }) },
    undo: {
      title: `Stop the scrub of ${pool} on ${host}, if it has not ended`,
      stop: scrubStop.of({ pool, guid }),
      wasPausedBefore: (context) => beforeOf(context)?.state === 'paused',
    },
  })
}

/** The last scrub before ours. */
const beforeOf = (context: LookContext<World>): ScrubRecord | null => Noted.parse(context.resultOf('note')).last
