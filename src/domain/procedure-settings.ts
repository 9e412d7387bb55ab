import { z } from 'zod'
import { DurationText } from './text-units.ts'
import { days, hours } from './units.ts'

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
        expires: DurationText.default(hours(24)).describe('How long an approval holds'),
      }),
    )
    .default([])
    .describe('Procedures that a second person approves before they start'),
})
export type ProcedureSettings = z.infer<typeof ProcedureSettings>
