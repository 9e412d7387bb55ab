import { expect, test } from 'vitest'
import { z } from 'zod'
import { createProcedureBench, type ProcedureBench } from '../test/contracts/procedure-bench.ts'
import { isFinal } from '../src/domain/operation.ts'
import { type Duration, minutes, seconds } from '../src/domain/units.ts'
import type { Procedure } from '../src/engine/procedure.ts'
import { procedures } from '../src/procedures/index.ts'
import type { World } from '../src/procedures/world.ts'
import { loseOperations, operationsOf } from '../src/sim/sim-agent.ts'
import { crashFaults } from './crash-check.ts'
import type { Effect, Ending, Evidence } from './crash-evidence.ts'

const What = z.enum(['scrub started', 'scrub resumed', 'scrub paused', 'scrub stopped', 'mark left', 'mark taken'])

/** What a bench leaves behind, in the form in which the proof finds it. */
async function evidenceOf({ world, stored }: ProcedureBench, accepted: Evidence['accepted']): Promise<Evidence> {
  return {
    accepted,
    listed: [...stored.runs.keys()],
    runs: [...stored.runs.values()].map((record) => ({ record, events: stored.events.get(record.id) ?? [] })),
    locks: stored.locks,
    hosts: await Promise.all(
      world.hosts.map(async ({ name, changing }) => ({
        host: name,
        operations: (await operationsOf(world, name)).map(({ id, state }) => ({
          id,
          state: state.state,
          isOver: isFinal(state),
        })),
        marks: changing.marks,
      })),
    ),
    effects: world.effects.map(({ kind, subject }): Effect => {
      const [thing = '', by] = subject.split(' by ')
      const [mark, host] = thing.split(' on ')
      const on = host === undefined ? thing : `${host}/${mark}`
      return { what: What.parse(kind.replace('practice ', '').replace('removed', 'taken')), on, by }
    }),
    scrubbing: [],
    leftovers: [],
    strangers: [],
  }
}

/** A scrub whose engine dies in its middle, and whose agent with it; both come back. */
async function scrubThroughACrash(sabotage: { blind?: boolean; forgets?: boolean } = {}): Promise<Evidence> {
  const bench = createProcedureBench(sabotage.blind === true ? procedures.map(blinded) : procedures)
  const { signal } = new AbortController()
  const first = bench.start()
  const input = { host: 'n2', pool: 'hot-tier' }
  const { id } = await bench.pass(first.start({ procedure: 'scrub-pool', input, requestedBy: 'me' }, signal))
  // It has come to its end in the world, and nobody has seen it yet.
  await bench.pass(until(bench, () => bench.world.effects.length > 0))
  await bench.pass(first.close())
  await bench.pass(after(bench, minutes(1)))
  for (const { name } of bench.world.hosts) {
    loseOperations(bench.world, name, { commandsGoOn: false, forgets: sabotage.forgets === true })
  }
  const second = bench.start()
  await bench.pass(second.recover())
  await bench.untilResting(id)
  await bench.pass(second.close())
  return evidenceOf(bench, [{ id, ends: 'succeeded' }])
}

const after = (bench: ProcedureBench, time: Duration): Promise<void> =>
  new Promise((resolve) => {
    bench.clock.after(time, resolve)
  })

async function until(bench: ProcedureBench, isSo: () => boolean): Promise<void> {
  while (!isSo()) await after(bench, seconds(1))
}

/** Before it acts, it does not look: as if nothing were there. */
function blinded(procedure: Procedure<World>): Procedure<World> {
  return {
    ...procedure,
    phases: (plan) => [
      {
        steps: procedure.steps(plan).map((step) => {
          let looks = 0
          return {
            ...step,
            async look(context) {
              looks += 1
              return looks === 1 && step.id === 'scrub' ? { state: 'absent' } : step.look(context)
            },
          }
        }),
      },
    ],
  }
}

test('a scrub whose engine and agent die in its middle is found without a fault', async () => {
  expect(crashFaults(await scrubThroughACrash())).toEqual([])
})

test('negative control: without the look before, and with an agent that forgets, it is found to be done twice', async () => {
  const faults = crashFaults(await scrubThroughACrash({ blind: true, forgets: true }))
  expect(faults.join('\n')).toContain('its scrub was: started started')
})

const started = ({ effects }: Evidence): Effect[] => effects.filter(({ what }) => what === 'scrub started')

test('either of the two guards is enough: the log of the agent without the look, and the look without the log', async () => {
  expect(started(await scrubThroughACrash({ blind: true }))).toHaveLength(1)
  expect(started(await scrubThroughACrash({ forgets: true }))).toHaveLength(1)
})

/** Three runs of practice that have ended as they had to, and whatever else is said. */
async function practised(): Promise<Evidence> {
  const bench = createProcedureBench(procedures)
  const engine = bench.start()
  const { signal } = new AbortController()
  const accepted: { id: string; ends: Ending }[] = []
  for (const [mark, fail] of [
    ['good', false],
    ['bad', true],
  ] as const) {
    const input = { host: 'n1', mark, seconds: 2, fail }
    const { id } = await bench.pass(engine.start({ procedure: 'practice', input, requestedBy: 'me' }, signal))
    await bench.untilResting(id)
    if (fail) {
      await bench.pass(engine.undo(id, 'me'))
      await bench.untilResting(id)
    }
    accepted.push({ id, ends: fail ? 'undone' : 'succeeded' })
  }
  await bench.pass(engine.close())
  return evidenceOf(bench, accepted)
}

test('runs that ended as they had to are without a fault', async () => {
  expect(crashFaults(await practised())).toEqual([])
})

test.each<[string, (evidence: Evidence) => Partial<Evidence>, string]>([
  ['a run that is lost', ({ runs }) => ({ runs: runs.slice(1) }), 'was accepted, and is not in the store'],
  ['a run that is not listed', ({ listed }) => ({ listed: listed.slice(1) }), 'was accepted, and is not listed'],
  ['a run that nobody knows of', ({ accepted }) => ({ accepted: accepted.slice(1) }), 'nobody was told'],
  [
    'a run that has not ended so',
    ({ accepted }) => ({ accepted: accepted.map((one) => ({ ...one, ends: 'undone' as const })) }),
    'has not ended as undone',
  ],
  [
    'an event that is missing',
    ({ runs }) => ({ runs: runs.map((run) => ({ ...run, events: run.events.slice(1) })) }),
    'cannot have come about',
  ],
  [
    'an operation that never ended',
    ({ hosts }) => ({
      hosts: hosts.map((host) => ({
        ...host,
        operations: host.operations.map((one) => ({ ...one, state: 'running', isOver: false })),
      })),
    }),
    'is still running in the log of n1',
  ],
  ['an effect twice', ({ effects }) => ({ effects: [...effects, ...effects.slice(0, 1)] }), 'has had two effects'],
  [
    'a mark that is not there',
    ({ hosts }) => ({ hosts: hosts.map((host) => ({ ...host, marks: host.marks.slice(1) })) }),
    'the mark n1/good-a is not there',
  ],
  [
    'a mark that was not taken away',
    ({ effects }) => ({ effects: effects.filter(({ what }) => what !== 'mark taken') }),
    'its mark n1/bad-a was: left',
  ],
  ['a half-written file', () => ({ leftovers: ['n1/operations/marks/a.new'] }), 'half-written file'],
  ['a scrub that was left behind', () => ({ scrubbing: ['n1/hot-tier (paused)'] }), 'was left behind'],
  [
    'a lock',
    ({ runs }) => ({
      locks: runs
        .slice(0, 1)
        .map(({ record }) => ({ key: 'k', capacity: 1, run: record.id, class: 'change', takenAt: record.createdAt })),
    }),
    'the lock k is held',
  ],
])('%s is told', async (_, change, says) => {
  const evidence = await practised()
  expect(crashFaults({ ...evidence, ...change(evidence) }).join('\n')).toContain(says)
})
