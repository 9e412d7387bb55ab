import { z } from 'zod'
import { Duration, minutes, seconds } from '../../domain/units.ts'
import { procedure } from '../../engine/procedure.ts'
import type { LookContext, Step } from '../../engine/step.ts'
import { practiceMark } from '../../operations/practice-mark.ts'
import { practiceUnmark } from '../../operations/practice-unmark.ts'
import { askStep, gateStep } from '../parts/gate-step.ts'
import { operationStep } from '../parts/operation-step.ts'
import { alone } from '../parts/load.ts'
import { insistOnHost } from '../parts/pool.ts'
import { asPreflight, holds, judged, objection, type Verdict } from '../parts/verdict.ts'
import type { World } from '../world.ts'
import { practiceExamples } from './examples.ts'

const Input = z.strictObject({
  host: z.string().describe('The host to practise on'),
  mark: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/, 'a mark is up to 60 small letters, digits and `-`')
    .default('practice')
    .describe('What its two marks are called: MARK-a and MARK-b'),
  seconds: z.int().min(1).max(3600).default(20).describe('How long each mark takes'),
  fail: z.boolean().default(false).describe('The second mark fails half-way: to learn undo on'),
  ask: z.boolean().default(false).describe('A step asks a person: to learn answer on'),
})

const Plan = z.object({
  host: z.string(),
  mark: z.string(),
  takes: Duration,
  fail: z.boolean(),
  ask: z.boolean(),
})
type Plan = z.infer<typeof Plan>

/** Harmless: to learn on how a run is followed, cut off, resumed, answered and undone. */
export const practice = procedure<World>()({
  name: 'practice',
  title: 'Practise on something harmless',
  about:
    'Leaves two marks in the folder of an agent, slowly, and checks that they are there; undo takes them away. Nothing else is touched: run it to learn how a run is followed, cut off, resumed, answered and undone, before it matters. The runbook has nothing like it.',
  stays: 'its two marks',
  class: 'change',
  kind: 'steps',
  Input,
  Plan,
  goodFor: minutes(60),
  async plan({ host, mark, seconds: count, fail, ask }, { world, signal }) {
    insistOnHost(await world.view(signal), host)
    return { host, mark, takes: seconds(count), fail, ask }
  },
  outlook: ({ host, takes }) => ({
    title: `Practise on ${host}`,
    takes: Duration.parse(2 * takes),
    endangers: ['Nothing: two small files in the folder of the agent are all that it makes.'],
  }),
  preflight: async (plan, { world, signal, isResumed = false }) => {
    const marks = world.host(plan.host).look('practice-marks', {}, signal)
    return asPreflight([
      [`${plan.host} answers`, await judged(marks, () => holds('its agent has answered'))],
      [
        `No marks of others are in the way of ${marksOf(plan).join(' and ')} on ${plan.host}`,
        await judged(marks, (all) => marksVerdict(plan, all, isResumed)),
      ],
    ])
  },
  locks: ({ host, mark }) => [alone(host, `practice:${mark}`)],
  steps(plan) {
    const [first, second] = marksOf(plan)
    const title = 'Ask a person whether to go on'
    const says = 'This step asks on purpose. Answer `run`, and the practice goes on.'
    return [
      markStep(plan, 'mark-a', { mark: first, fails: false }),
      ...(plan.ask ? [askStep({ id: 'ask', title, says })] : []),
      markStep(plan, 'mark-b', { mark: second, fails: plan.fail }),
      gateStep({
        id: 'check',
        title: `Check that both marks are on ${plan.host}`,
        look: (context) => missingMarks(plan, context),
      }),
    ]
  },
  examples: practiceExamples,
})

const marksOf = ({ mark }: Plan): [string, string] => [`${mark}-a`, `${mark}-b`]

/** When it is resumed, each step looks whose its mark is. */
function marksVerdict(plan: Plan, all: readonly { mark: string }[], isResumed: boolean): Verdict {
  const there = all.map(({ mark }) => mark).filter((mark) => marksOf(plan).includes(mark))
  if (there.length === 0) return holds('none of them is there')
  return isResumed
    ? holds('each step looks whose its mark is')
    : objection(`there already: ${there.join(', ')}. Undo the run that left them, or give another --mark`)
}

/** Leaves a mark, over a while; undone by taking it away. */
function markStep({ host, takes }: Plan, id: string, { mark, fails }: { mark: string; fails: boolean }): Step<World> {
  return operationStep({
    id,
    title: `Leave the mark ${mark} on ${host}${fails ? ', and fail half-way' : ''}`,
    host,
    operation: practiceMark.of({ mark, takes, fails }),
    takes,
    deadline: minutes(5 + takes / 60_000),
    Result: z.object({ mark: z.string(), operation: z.string() }),
    async look({ world, signal }, isOurs) {
      const found = (await world.host(host).look('practice-marks', {}, signal)).find((one) => one.mark === mark)
      if (found === undefined) return { state: 'absent' }
      if (isOurs(found.operation)) return { state: 'done', result: found }
      return {
        state: 'foreign',
        says: `the mark ${mark} is on ${host}, but another operation has left it: ${found.operation}`,
      }
    },
    undo: { title: `Take the mark ${mark} on ${host} away`, operation: practiceUnmark.of({ mark }) },
  })
}

async function missingMarks(plan: Plan, { world, signal }: LookContext<World>): Promise<string | undefined> {
  const there = (await world.host(plan.host).look('practice-marks', {}, signal)).map(({ mark }) => mark)
  const gone = marksOf(plan).filter((mark) => !there.includes(mark))
  return gone.length === 0 ? undefined : `marks that were left on ${plan.host} are gone: ${gone.join(', ')}`
}
