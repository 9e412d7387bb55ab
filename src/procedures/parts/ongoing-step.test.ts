import { expect, test } from 'vitest'
import { z } from 'zod'
import { operationIdAt } from '../../../test/builders/operation-id.ts'
import type { OperationState } from '../../domain/operation.ts'
import { hours, Instant } from '../../domain/units.ts'
import type { RunContext } from '../../engine/step.ts'
import { scrubStart } from '../../operations/scrub-start.ts'
import { scrubStop } from '../../operations/scrub-stop.ts'
import type { World } from '../world.ts'
import { type Ongoing, ongoingStep } from './ongoing-step.ts'

const target = { pool: 'tank', guid: '1' }
const id = operationIdAt(Instant.parse(1_795_420_800_000))

/** What is done to take back a step whose operation is under way when that is asked for, and leaves this behind. */
async function takenBack(seen: Ongoing<null>): Promise<{ changes: string[]; before: string; after: string }> {
  const changes: string[] = []
  let state = { state: 'running' } as OperationState
  const world = { host: () => ({ changes: { result: async () => state } }) } as unknown as World
  const context = {
    world,
    begun: { at: Instant.parse(0), operation: id, operations: [id], pauses: [], sincePause: [id] },
    async sleep() {
      state = { state: 'succeeded' } as OperationState
    },
    async change(_: unknown, { kind }: { kind: string }) {
      changes.push(kind)
      return null
    },
  } as unknown as RunContext<World>
  const { undo } = ongoingStep({
    id: 'scrub',
    title: 'Scrub tank',
    host: 'n1',
    what: 'tank on n1',
    begin: scrubStart.of({ ...target, errorsOnly: false }),
    deadline: hours(1),
    Result: z.null(),
    look: async () => seen,
    undo: { title: 'Stop the scrub of tank', stop: scrubStop.of(target) },
  })
  if (undo.kind !== 'undo') throw new Error('it has no undo')
  const before = await undo.look(context)
  await undo.run(context)
  return { changes, before: before.state, after: (await undo.look(context)).state }
}

test('what somebody else had begun is not stopped, where that shows only when our operation is over', async () => {
  const seen = { state: 'foreign', says: 'somebody else scrubs tank' } as const
  expect(await takenBack(seen)).toEqual({ changes: [], before: 'absent', after: 'done' })
})

test('our own is stopped', async () => {
  expect((await takenBack({ state: 'running' })).changes).toEqual(['scrub-stop'])
})

test('of what cannot be seen, nobody says that nothing is left', async () => {
  await expect(takenBack({ state: 'unknown', says: 'tank cannot be seen' })).rejects.toThrow('tank cannot be seen')
})
