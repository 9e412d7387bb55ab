import { z } from 'zod'
import { percent } from '../domain/text-units.ts'
import { age, Duration, milliseconds, shareOf } from '../domain/units.ts'
import { agentOperation } from './operation.ts'

export const MarkName = z.string().regex(/^[a-z0-9-]{1,64}$/)

export const MarkResult = z.object({
  mark: z.string(),
  /** `was-none`: there was nothing to take away. */
  outcome: z.enum(['left', 'taken-away', 'was-none']),
})

/** How often progress is told. */
const tick = milliseconds(200)

/** Harmless, and with everything that can happen to an operation: to learn on. */
export const practiceMark = agentOperation({
  kind: 'practice-mark',
  by: 'harmless',
  about:
    'Leaves a mark, a small file with the id of its operation, in the agent’s own folder: at the end of the time that it `takes`, with progress until then. It can be canceled; with `fails` it fails half-way. To learn on.',
  Words: { mark: MarkName, takes: Duration, fails: z.boolean() },
  Result: MarkResult,
  results: '`left`',
  example: { mark: 'a', takes: 1000, fails: false },
  scopes: () => [],
  subjects: ({ mark }) => [`mark:${mark}`],
  async act({ mark, takes, fails }, { id, marks, clock, rest, signal, progress }) {
    const other = await marks.find(mark)
    if (other !== undefined) {
      return { remedy: 'ask', says: `the mark ${mark} is there already, left by the operation ${other}` }
    }
    const beganAt = clock.now()
    const endsAfter = fails ? takes / 2 : takes
    for (;;) {
      const passed = age(beganAt, clock.now())
      const share = shareOf(passed, takes)
      if (signal.aborted) {
        return { remedy: 'stop', says: `it was canceled after ${percent(share)}; no mark is left` }
      }
      if (passed >= endsAfter) break
      progress({ share, text: `${percent(share)} of the mark ${mark}` })
      await rest(milliseconds(Math.min(tick, endsAfter - passed)))
    }
    if (fails) {
      return { remedy: 'stop', says: `the mark ${mark} failed half-way, as it was asked to; nothing of it is left` }
    }
    await marks.leave(mark, id)
    return { result: { mark, outcome: 'left' } }
  },
})
