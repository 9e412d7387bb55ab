import { z } from 'zod'
import { NotPermitted } from '../domain/errors.ts'
import { Fleet } from '../domain/fleet.ts'
import { didYouMean } from '../domain/nearest.ts'
import { Approvals } from '../domain/procedure-settings.ts'
import type { Procedure } from '../engine/procedure.ts'

type Known = readonly Pick<Procedure<never>, 'name' | 'Settings'>[]

/** Throws where the fleet file says something of a procedure that this release does not have or understand: it would guard nothing. */
export function checkSettings({ procedures }: Pick<Fleet, 'procedures'>, known: Known): void {
  const names = known.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1))
  const { approval, ...settings } = procedures
  const isKnown = (name: string, place: string): void => {
    if (names.includes(name)) return
    throw new NotPermitted(
      `the fleet file, procedures.${place}: there is no procedure ${name}${didYouMean(name, names)}`,
      `There are: ${names.join(', ')}.`,
    )
  }
  for (const [index, { procedure }] of approval.entries()) isKnown(procedure, `approval.${index}`)
  for (const [name, said] of Object.entries(settings)) {
    isKnown(name, name)
    const schema = known.find((one) => one.name === name)?.Settings
    const [issue] = schema?.safeParse(said).error?.issues ?? []
    if (schema === undefined || issue === undefined) continue
    const keys = Object.keys(schema.shape)
    throw new NotPermitted(
      `the fleet file, ${['procedures', name, ...issue.path].join('.')}: ${issue.message}`,
      keys.length === 0 ? `Nothing can be said of ${name} there.` : `Of ${name} there can be: ${keys.join(', ')}.`,
    )
  }
}

/** The fleet file with all that can be said of these procedures: for what is wrong in them, line by line, and for editors. */
export const fleetFileOf = (known: Known): z.ZodType =>
  z.strictObject({
    ...Fleet.shape,
    procedures: z
      .strictObject({
        ...Object.fromEntries(
          known.map(({ name, Settings }) => [name, Settings.optional().describe(`The procedure ${name}`)]),
        ),
        approval: Approvals,
      })
      .prefault({}),
  })
