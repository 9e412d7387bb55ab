import { type Finding, severities } from './finding.ts'
import { type Health, statusOf, tally, type Totals } from './judge.ts'
import { applyMutes, type EndedMute, type Mute, type MuteChange, type MutedFinding } from './mute.ts'

/** How a report was narrowed, and what it leaves out because of it. */
export interface Narrowing {
  /** As a person would type it: `--host n1 --severity critical`. */
  asked: string
  /** Findings that are not shown because of it, muted ones aside. */
  left: Totals['findings']
}

/** Health as it is told: what is muted apart, and narrowed to what was asked for. */
export interface Report extends Health {
  /** Findings that an operator has muted; in no count and not in the status. Absent where there are no mutes to ask for. */
  muted?: readonly MutedFinding[]
  /** Mutes that ended lately. */
  ended?: readonly EndedMute[]
  /** What whoever reads this has to know about how it was made. */
  warnings?: readonly string[]
  narrowing?: Narrowing
}

/** Sets aside what is muted. */
export function withMutes(health: Health, mutes: readonly Mute[]): { report: Report; changes: MuteChange[] } {
  const { shown, muted, changes } = applyMutes(health.at, health.findings, mutes)
  return { report: { ...retold(health, shown), muted, warnings: blindWarnings(muted) }, changes }
}

/** The same with other findings: status and counts are those of what is shown. */
export function retold<Told extends Health>(health: Told, findings: Finding[]): Told {
  return { ...health, status: statusOf(findings), findings, totals: { ...health.totals, findings: tally(findings) } }
}

/** *Unknown is never green*: whoever has muted it is told each time that a good status may hide anything there. */
function blindWarnings(muted: readonly MutedFinding[]): string[] {
  const unknown = muted.filter(({ finding }) => finding.severity === 'unknown')
  if (unknown.length === 0) return []
  const named = unknown.slice(0, 5).map(({ finding }) => `${finding.code} ${finding.subject}`)
  const rest = unknown.length - named.length
  return [
    `what is muted here is not known: ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}. The status says nothing about it.`,
  ]
}

/** `1 critical, 2 unknown`; empty where there is none. */
export function countsText(counts: Totals['findings']): string {
  return severities
    .filter((severity) => severity !== 'ok' && counts[severity] > 0)
    .map((severity) => `${counts[severity]} ${severity}`)
    .join(', ')
}
