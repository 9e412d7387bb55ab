import { z } from 'zod'
import { OperationId } from '../domain/operation.ts'
import { Json } from '../domain/run.ts'

/** What a person can answer when a run asks. */
export const Choice = z.enum([
  'look-again', // look anew, and go on by what is seen then
  'run', // take it as not done yet, and run the step; only where the step offers it
  'undo',
  'skip', // leave a child that has no way back as it is, and take back the others
  'leave',
  'leave-at-work', // as `leave`, though what was begun is not known to be over: its locks are free while it may still work
])
export type Choice = z.infer<typeof Choice>

const remedy = z.enum(['retry', 'ask', 'stop'])
/** Whether the work was seen to be done already, or was done by us. */
const how = z.enum(['run', 'look'])

/** Of an older release, never written by this one: an attempt was not known to be over, and is found again by its id. */
const atWork = z.literal(true).optional()

/** Everything that a journal can say. Which may follow which is decided in one place: `next` in journal.ts. */
export const RunEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approved'), by: z.string(), planHash: z.string() }),
  z.object({ kind: z.literal('started'), by: z.string() }),
  z.object({ kind: z.literal('locks-taken') }),
  /** Its turn has come: it was planned anew, and nothing that matters is another than what was approved. The record has the plan. */
  z.object({ kind: z.literal('replanned') }),
  /** Children are begun from here on; each has a journal of its own. */
  z.object({ kind: z.literal('phase-begun'), step: z.string() }),
  /** Written before the step touches anything: under this id it will be found again. */
  z.object({ kind: z.literal('step-begun'), step: z.string(), operation: OperationId }),
  z.object({ kind: z.literal('step-finished'), step: z.string(), result: Json, how }),
  z.object({
    kind: z.literal('step-failed'),
    step: z.string(),
    error: z.string(),
    remedy,
    /** Its operation is known to have ended, or never to have begun: the next attempt needs a new id. */
    operationIsOver: z.boolean(),
  }),
  z.object({
    kind: z.literal('asked'),
    question: z.string(),
    choices: z.array(Choice),
    /** Looking has shown that the attempt at the present step is over. */
    operationIsOver: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('answered'), choice: Choice, by: z.string() }),
  z.object({ kind: z.literal('cancel-requested'), by: z.string() }),
  z.object({ kind: z.literal('pause-begun'), step: z.string(), operation: OperationId }),
  z.object({ kind: z.literal('paused'), reason: z.string(), atWork }),
  z.object({ kind: z.literal('woken') }),
  z.object({ kind: z.literal('stopped'), reason: z.string(), atWork }),
  z.object({ kind: z.literal('failed'), error: z.string(), atWork }),
  z.object({
    kind: z.literal('resumed'),
    by: z.string(),
    /** Places of children that a person has left or undone: they count no more. */
    skips: z.array(z.int()).optional(),
  }),
  z.object({ kind: z.literal('undo-requested'), by: z.string() }),
  z.object({ kind: z.literal('undo-begun'), step: z.string(), operation: OperationId }),
  z.object({ kind: z.literal('undo-finished'), step: z.string(), how }),
  z.object({
    kind: z.literal('undo-failed'),
    step: z.string(),
    error: z.string(),
    remedy,
    operationIsOver: z.boolean(),
  }),
  z.object({ kind: z.literal('undone') }),
  /** `isUnread`: this release could not read it, and nobody knows whether something is under way. */
  z.object({ kind: z.literal('left'), by: z.string(), isUnread: z.boolean().optional() }),
  z.object({ kind: z.literal('succeeded') }),
])
export type RunEvent = z.infer<typeof RunEvent>
