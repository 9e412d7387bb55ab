import type { Fleet } from './fleet.ts'
import type { ProcedureSettings } from './procedure-settings.ts'
import type { Window } from './window.ts'

/** Who approves runs of a procedure. */
export type ApprovalRule = ProcedureSettings['approval'][number]

/** What the fleet file says about the runs of a procedure. */
export interface SettingsOf {
  /** When they may run; undefined: at any time. */
  window: Window | undefined
  /** What of them a second person has to agree to; undefined: nothing. */
  approval: ApprovalRule | undefined
}

/**
 * The settings that speak for a procedure, for windows and approvals alike: those of its own name; else those of the procedure that
 * it is a part of (`scrub` speaks for `scrub-pool`); else those of its parts, since it does what they do. A child goes by the
 * procedure of its root run: ask with that name.
 */
export function settingsOf(
  { windows, procedures }: Pick<Fleet, 'windows' | 'procedures'>,
  procedure: string,
): SettingsOf {
  const { approval, ...named } = procedures
  const windowed = Object.entries(named).map(([name, settings]) => ({ name, settings }))
  const wanted = nearest(windowed, procedure, ({ name }) => name)?.settings.window
  return {
    window: wanted === undefined ? undefined : windows.find(({ name }) => name === wanted),
    approval: nearest(approval, procedure, (rule) => rule.procedure),
  }
}

function nearest<T>(all: readonly T[], procedure: string, nameOf: (one: T) => string): T | undefined {
  const byName = all.toSorted((a, b) => nameOf(b).length - nameOf(a).length)
  return (
    byName.find((one) => nameOf(one) === procedure) ??
    byName.find((one) => procedure.startsWith(`${nameOf(one)}-`)) ??
    byName.find((one) => nameOf(one).startsWith(`${procedure}-`))
  )
}
