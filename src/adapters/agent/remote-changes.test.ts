import { expect, test } from 'vitest'
import { Refusal, Unreachable } from '../../domain/errors.ts'
import { apiVersion } from '../../domain/observation.ts'
import { OperationId, type OperationState } from '../../domain/operation.ts'
import { minutes, seconds } from '../../domain/units.ts'
import { manualClock } from '../../observe/testing.ts'
import { Refused } from './ask.ts'
import type { Reach } from './reach.ts'
import { remoteChanges } from './remote-changes.ts'
import { signerFor } from '../../../test/builders/signer.ts'

const id = OperationId.parse('01900000-0000-7000-8000-000000000000')
const answer = (state: OperationState) => ({ apiVersion, id, state })

/** Answers by turns: each an answer, or an error. What is left out of the list is the last one again. */
function changesBy(turns: (ReturnType<typeof answer> | Error)[]) {
  const clock = manualClock()
  let asked = 0
  // "as": the reach gives what the question would have been answered; the schema of it is not looked at here.
  const reach: Reach = async <T>() => {
    const turn = turns[Math.min(asked, turns.length - 1)]
    asked += 1
    if (turn instanceof Error || turn === undefined) throw turn ?? new Error('nothing is left')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a fake
    return turn as T
  }
  const changes = remoteChanges(reach, {
    host: 'n1',
    authority: () => ({ controller: 'one', epoch: 1 }),
    signer: signerFor('one'),
    clock,
    awayAtMost: minutes(2),
  })
  return { changes, clock, asked: () => asked }
}

/** Everything that is watched, and how it ended. */
async function watched({ changes, clock }: ReturnType<typeof changesBy>, signal?: AbortSignal) {
  const states: string[] = []
  let end: unknown
  const watching = (async () => {
    try {
      for await (const { state } of changes.watch(id, signal)) states.push(state)
      end = 'ended'
    } catch (error) {
      end = error
    }
  })()
  for (let turns = 0; end === undefined && turns < 1000; turns += 1) await clock.advance(seconds(1))
  await watching
  return { states, end }
}

const done: OperationState = { state: 'succeeded', result: null, commands: [] }

test('a watch goes on over lost connections', async () => {
  const bench = changesBy([
    answer({ state: 'running' }),
    new Unreachable('gone'),
    new Refused({ code: 'agent-not-running', message: 'no agent answers' }),
    new Refused({ code: 'ssh-failed', message: 'no route' }),
    answer(done),
  ])
  // The fourth look would open a stream; this one never gets there with an answer.
  expect((await watched(bench)).states[0]).toBe('running')
  expect(bench.asked()).toBeGreaterThanOrEqual(4)
})

test('a host that stays away is told after its time, not before', async () => {
  const bench = changesBy([new Unreachable('gone')])
  const startedAt = bench.clock.now()
  const { end } = await watched(bench)
  expect(end).toBeInstanceOf(Unreachable)
  expect(bench.clock.now() - startedAt).toBeGreaterThanOrEqual(minutes(2))
  expect(bench.clock.now() - startedAt).toBeLessThan(minutes(3))
  // It was not hammered.
  expect(bench.asked()).toBeLessThan(25)
})

test('a refusal is no lost connection: it is told at once, with its code and hint', async () => {
  const bench = changesBy([new Refused({ code: 'unknown-operation', message: 'no such', hint: 'look' })])
  const { end } = await watched(bench)
  expect(end).toBeInstanceOf(Refusal)
  expect(end).toMatchObject({ code: 'unknown-operation', hint: 'look' })
  expect(bench.asked()).toBe(1)
  expect(await bench.changes.result(id)).toBeUndefined()
})

test('a watch that is called off ends by its reason', async () => {
  const bench = changesBy([new Unreachable('gone')])
  const reason = new Error('enough')
  expect((await watched(bench, AbortSignal.abort(reason))).end).toBe(reason)
})

test.each([
  ['busy', 'retry'],
  ['executor-unreachable', 'retry'],
  ['refused-by-policy', 'stop'],
  ['older-epoch', 'stop'],
  ['id-too-old', 'stop'],
] as const)('%s is a refusal, to %s', async (code, remedy) => {
  const { changes } = changesBy([new Refused({ code, message: 'no' })])
  await expect(changes.submit(id, { kind: 'practice-unmark', mark: 'm' })).rejects.toMatchObject({ code, remedy })
})

test.each(['failed', 'not-kept'] as const)(
  '%s: nobody can tell what became of it, so it is no refusal',
  async (code) => {
    const { changes } = changesBy([new Refused({ code, message: 'who knows' })])
    await expect(changes.submit(id, { kind: 'practice-unmark', mark: 'm' })).rejects.toBeInstanceOf(Unreachable)
  },
)
