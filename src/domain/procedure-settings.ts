import { z } from 'zod'
import { DurationText } from './text-units.ts'
import { days, hours } from './units.ts'

/** What a second person can have to agree to. */
export const GuardedAction = z.enum(['start', 'undo', 'resume', 'answer'])
export type GuardedAction = z.infer<typeof GuardedAction>

/** What the fleet file says about procedures. */
export const ProcedureSettings = z.strictObject({
  scrub: z
    .strictObject({
      window: z
        .string()
        .optional()
        .describe('When scrubs may run, one of `windows`; at any time where nothing is said'),
      every: DurationText.default(days(28)).describe('A pool is due when its last scrub is longer ago than this'),
    })
    .prefault({})
    .describe('The procedures scrub and scrub-pool'),
  approval: z
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
    ),
})
export type ProcedureSettings = z.infer<typeof ProcedureSettings>
