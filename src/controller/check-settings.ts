import { NotPermitted } from '../domain/errors.ts'
import type { Fleet } from '../domain/fleet.ts'

/** Throws where the fleet file names a procedure that this release does not have: a rule for it would guard nothing. */
export function checkSettings({ procedures }: Pick<Fleet, 'procedures'>, known: readonly { name: string }[]): void {
  const names = known.map(({ name }) => name)
  const index = procedures.approval.findIndex(({ procedure }) => !names.includes(procedure))
  const rule = procedures.approval[index]
  if (rule === undefined) return
  throw new NotPermitted(
    `the fleet file, procedures.approval.${index}: there is no procedure ${rule.procedure}`,
    `There are: ${names.toSorted((a, b) => (a < b ? -1 : 1)).join(', ')}.`,
  )
}
