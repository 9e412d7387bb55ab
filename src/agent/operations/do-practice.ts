import type { Operation, OperationId, OperationState } from '../../domain/operation.ts'
import type { MarkResult } from '../../domain/operation-result.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import { percent } from '../../domain/text-units.ts'
import { age, milliseconds, shareOf } from '../../domain/units.ts'
import { pause } from '../../observe/pause.ts'
import type { PracticeMarks } from './practice-marks.ts'
import type { Doing } from './operations.ts'

/** How often progress is told. */
const tick = milliseconds(200)

type Practice = Extract<Operation, { kind: 'practice-mark' | 'practice-unmark' }>

/** What the agent does by itself, in its own folder: harmless, and with everything that can happen to an operation. */
export async function doPractice(
  operation: Practice,
  {
    id,
    marks,
    clock,
    doing: { signal, progress },
  }: { id: OperationId; marks: PracticeMarks; clock: Clock; doing: Doing },
): Promise<OperationState> {
  const { mark } = operation
  if (operation.kind === 'practice-unmark') {
    const result = { mark, outcome: (await marks.take(mark)) ? 'taken-away' : 'was-none' } satisfies MarkResult
    return { state: 'succeeded', result, commands: [] }
  }
  const other = await marks.find(mark)
  if (other !== undefined) {
    return failed(`the mark ${mark} is there already, left by the operation ${other}`, 'ask')
  }
  const beganAt = clock.now()
  const endsAfter = operation.fails ? operation.takes / 2 : operation.takes
  for (;;) {
    const passed = age(beganAt, clock.now())
    const share = shareOf(passed, operation.takes)
    if (signal.aborted) return failed(`it was canceled after ${percent(share)}; no mark is left`, 'stop')
    if (passed >= endsAfter) break
    progress({ share, text: `${percent(share)} of the mark ${mark}` })
    await pause(clock, milliseconds(Math.min(tick, endsAfter - passed)), signal)
  }
  if (operation.fails)
    return failed(`the mark ${mark} failed half-way, as it was asked to; nothing of it is left`, 'stop')
  await marks.leave(mark, id)
  return { state: 'succeeded', result: { mark, outcome: 'left' } satisfies MarkResult, commands: [] }
}

const failed = (error: string, remedy: 'ask' | 'stop'): OperationState => ({
  state: 'failed',
  error,
  remedy,
  commands: [],
})
