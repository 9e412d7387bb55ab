import type { TargetKind } from '../../domain/placement/targets.ts'
import type { StopPolicy } from '../../domain/placement/verdict.ts'
import { verdictSentence } from '../../domain/placement/verdict-sentence.ts'
import { minutes } from '../../domain/units.ts'
import type { LookContext, Step } from '../../engine/step.ts'
import { okToStop } from '../../observe/ok-to-stop.ts'
import type { World } from '../world.ts'
import { gateStep } from './gate-step.ts'
import { holds, objection, unknown, type Verdict } from './verdict.ts'

/** What is to be stopped, all at once, and what has to be left of the pins then. */
export interface Stop {
  kind: TargetKind
  /** `n1`, `n1/hot`, `n1/hot-tier`, `n1/hot-tier/sda`. */
  names: readonly string[]
  policy: StopPolicy
}

/**
 * Whether something may be stopped now. The lists that it rests on are read anew first: with a million pins that takes about a
 * minute, and a yes stands for the moment at which they were read. For the preflight, which is looked at again before each
 * resume, and for the gate between the batches of a fleet.
 */
export async function okToStopVerdict(
  what: Stop,
  { world, signal }: Pick<LookContext<World>, 'world' | 'signal'>,
): Promise<Verdict> {
  const found = await okToStop(await world.view(signal), world, what, signal)
  const says = [verdictSentence({ ...what, found }), ...found.reasons].join(' ')
  return { ok: holds, no: objection, unknown }[found.verdict](says)
}

/** The same as a step, right before the one that stops it. What is not known is no yes: a person is asked. */
export const okToStopGate = ({ id, ...what }: Stop & { id: string }): Step<World> =>
  gateStep({
    id,
    title: `See whether ${what.kind} ${what.names.join(', ')} may be stopped`,
    takes: minutes(1),
    // The lists of ten million pins take some minutes to be read, and are read once more where they differ.
    deadline: minutes(30),
    async look(context) {
      const { verdict, says } = await okToStopVerdict(what, context)
      return verdict === 'holds' ? undefined : says
    },
  })
