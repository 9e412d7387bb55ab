import { z } from 'zod'
import { explain } from '../domain/errors.ts'
import { didYouMean } from '../domain/nearest.ts'
import { Duration, minutes, seconds } from '../domain/units.ts'
import { InvalidInput } from '../engine/errors.ts'
import { type Preflight, procedure } from '../engine/procedure.ts'
import type { Step } from '../engine/step.ts'
import { MarksMissing } from './errors.ts'
import { markStep } from './mark-step.ts'
import type { World } from './world.ts'

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
  class: 'change',
  kind: 'steps',
  Input,
  Plan,
  goodFor: minutes(60),
  async plan({ host, mark, seconds: count, fail, ask }, { world, signal }) {
    const { fleet } = await world.view(signal)
    const names = fleet.hosts.map(({ name }) => name)
    if (!names.includes(host)) {
      throw new InvalidInput(`there is no host ${host}${didYouMean(host, names)}`, `hosts: ${names.join(', ')}`)
    }
    return { host, mark, takes: seconds(count), fail, ask }
  },
  outlook: ({ host, takes }) => ({
    title: `Practise on ${host}`,
    takes: Duration.parse(2 * takes),
    endangers: ['Nothing: two small files in the folder of the agent are all that it makes.'],
  }),
  preflight: async (plan, { world, signal, isResumed = false }) => {
    try {
      const marks = await world.host(plan.host).look('practice-marks', {}, signal)
      const there = marks.filter(({ mark }) => marksOf(plan).includes(mark))
      const answers: Preflight = { title: `${plan.host} answers`, verdict: 'holds', says: 'its agent has answered' }
      return [answers, isResumed ? ownMarks(plan) : noMarks(plan, there)]
    } catch (error) {
      return [{ title: `${plan.host} answers`, verdict: 'unknown', says: explain(error) }]
    }
  },
  locks: ({ host, mark }) => [{ key: `practice:${host}/${mark}`, capacity: 1 }],
  steps(plan): Step<World>[] {
    const { host, takes, fail, ask } = plan
    const [first, second] = marksOf(plan)
    return [
      markStep({ id: 'mark-a', host, mark: first, takes, fails: false }),
      ...(ask ? [askingStep] : []),
      markStep({ id: 'mark-b', host, mark: second, takes, fails: fail }),
      checkStep(plan),
    ]
  },
  examples: [
    {
      name: 'harmless',
      about: 'Two marks, one after the other.',
      input: { host: 'n1', seconds: 20 },
      preflight: 'holds',
    },
    {
      name: 'asks',
      about: 'It asks a person between the marks: `tiercel runs answer` goes on.',
      input: { host: 'n2', seconds: 5, ask: true },
      preflight: 'holds',
      ends: 'asking',
    },
    {
      name: 'fails',
      about: 'The second mark fails half-way: `tiercel runs undo` takes the first one away.',
      input: { host: 'n3', seconds: 5, fail: true },
      preflight: 'holds',
      ends: 'failed',
    },
    {
      name: 'agent-down',
      about: 'The agent does not answer: nothing is started.',
      input: { host: 'n2' },
      faults: ['agent-down'],
      preflight: { objects: 'nobody answers at n2' },
    },
    {
      name: 'wrong-host',
      about: 'A host that does not exist is refused, with the name that was probably meant.',
      input: { host: 'n11' },
      refused: 'there is no host n11; did you mean n1?',
    },
  ],
})

const marksOf = ({ mark }: Plan): [string, string] => [`${mark}-a`, `${mark}-b`]

function noMarks(plan: Plan, there: readonly { mark: string }[]): Preflight {
  const title = `The marks ${marksOf(plan).join(' and ')} are not on ${plan.host} yet`
  const names = there.map(({ mark }) => mark).join(', ')
  return there.length === 0
    ? { title, verdict: 'holds', says: 'none of them is there' }
    : {
        title,
        verdict: 'objection',
        says: `there already: ${names}. Undo the run that left them, or give another --mark`,
      }
}

const ownMarks = (plan: Plan): Preflight => ({
  title: `The marks ${marksOf(plan).join(' and ')} on ${plan.host} are our own`,
  verdict: 'holds',
  says: 'each step looks whose its mark is',
})

/** It cannot know by itself that it is done: only a person can say so. */
const askingStep: Step<World> = {
  id: 'ask',
  title: 'Ask a person whether to go on',
  commands: [],
  takes: undefined,
  deadline: minutes(1),
  Result: z.null(),
  look: async ({ begun }) =>
    begun === undefined
      ? { state: 'unknown', says: 'This step asks on purpose. Answer `run`, and the practice goes on.', offers: 'run' }
      : { state: 'done', result: null },
  run: async () => null,
  undo: { kind: 'nothing', because: 'it has changed nothing' },
}

const Checked = z.object({ marks: z.array(z.string()) })

function checkStep(plan: Plan): Step<World> {
  const { host } = plan
  const missing = async ({ world, signal }: { world: World; signal: AbortSignal }) => {
    const there = (await world.host(host).look('practice-marks', {}, signal)).map(({ mark }) => mark)
    return marksOf(plan).filter((mark) => !there.includes(mark))
  }
  const result = { marks: marksOf(plan) }
  return {
    id: 'check',
    title: `Check that both marks are on ${host}`,
    commands: [],
    takes: seconds(1),
    deadline: minutes(1),
    Result: Checked,
    look: async (context) => ((await missing(context)).length === 0 ? { state: 'done', result } : { state: 'absent' }),
    async run(context) {
      const gone = await missing(context)
      if (gone.length > 0) throw new MarksMissing(`marks that were left on ${host} are gone: ${gone.join(', ')}`)
      return result
    },
    undo: { kind: 'nothing', because: 'it has only looked' },
  }
}
