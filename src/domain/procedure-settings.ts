import { z } from 'zod'
import { DurationText } from './text-units.ts'
import { hours } from './units.ts'

/** What a second person can have to agree to. */
export const GuardedAction = z.enum(['start', 'undo', 'resume', 'answer'])
export type GuardedAction = z.infer<typeof GuardedAction>

/** Of which procedures one person alone does not dispose. */
export const Approvals = z
  .array(
    z.strictObject({
      procedure: z.string().min(1).describe('The name of the procedure, as tiercel run takes it'),
      roles: z
        .array(z.enum(['operator', 'admin']))
        .min(1)
        .default(['operator', 'admin'])
        .describe('Who may approve'),
      expires: DurationText.default(hours(24)).describe('How long the word of the first person holds'),
      for: z
        .array(GuardedAction)
        .min(1)
        .default(['start'])
        .describe('What needs a second person: also to undo, to resume, or to answer what a run asks'),
    }),
  )
  .default([])
  .describe(
    'Procedures of which one person alone does not dispose, by the name that tiercel run takes; of the parts of a run it is the same',
  )

/**
 * What the fleet file says about procedures, by their names. What may be said of each is its own matter: the registry of
 * procedures knows, and whoever uses the settings holds them against it.
 */
export const ProcedureSettings = z
  .object({ approval: Approvals })
  .catchall(z.looseObject({ window: z.string().optional() }))
export type ProcedureSettings = z.infer<typeof ProcedureSettings>
