import type { Evidence, Finding, Severity } from '../domain/health/finding.ts'
import type { Health } from '../domain/health/judge.ts'
import { severities, worst } from '../domain/health/finding.ts'
import { durationText } from '../domain/text-units.ts'
import { age, type Duration, type Instant, seconds } from '../domain/units.ts'
import { printable, printableJson, styled, type Terminal, wrap } from './terminal.ts'

const statuses = { ok: 0, info: 0, warning: 1, critical: 2, unknown: 3 } as const

/** The exit statuses of monitoring plugins. */
export const exitStatus = (status: Severity): number => statuses[status]

const colour = { critical: 'red', unknown: 'magenta', warning: 'yellow', info: 'cyan', ok: 'green' } as const

/** Health for a person: worst first, grouped by host and store. `all` shows also what is well. */
export function renderHealth(
  health: Health,
  terminal: Pick<Terminal, 'colours' | 'columns'>,
  { all = false } = {},
): string[] {
  const shown = health.findings.filter(({ severity }) => all || severity !== 'ok')
  const lines = [headline(health, terminal)]
  for (const { title, findings } of groups(shown)) {
    lines.push(
      '',
      `${styled(terminal, 'bold', printable(title))}  ${word(worst(findings.map(({ severity }) => severity)), terminal)}`,
    )
    for (const finding of findings) lines.push(...renderFinding(finding, health.at, terminal))
  }
  const well = health.hosts.filter((host) => !shown.some(({ place }) => place.host === host))
  if (well.length > 0)
    lines.push('', `${styled(terminal, 'bold', well.map(printable).join(', '))}  ${word('ok', terminal)}`)
  return lines
}

function headline({ status, totals }: Health, terminal: Pick<Terminal, 'colours'>): string {
  const counts = severities
    .filter((severity) => severity !== 'ok' && totals.findings[severity] > 0)
    .map((severity) => `${totals.findings[severity]} ${severity}`)
  const seen = Object.entries(totals.observed)
    .map(([noun, count]) => `${count} ${count === 1 ? noun.replace(/s$/, '') : noun}`)
    .join(', ')
  return `${word(status, terminal)}  ${counts.length === 0 ? 'nothing is wrong' : counts.join(', ')}  (${seen})`
}

const word = (severity: Severity, terminal: Pick<Terminal, 'colours'>): string =>
  styled(terminal, ['bold', colour[severity]], severity.toUpperCase())

/** By host and store, the group with the worst finding first. Findings come sorted. */
function groups(findings: readonly Finding[]): { title: string; findings: Finding[] }[] {
  const byTitle = Map.groupBy(findings, ({ place }) =>
    place.host === undefined
      ? place.cluster === undefined
        ? 'fleet'
        : `cluster ${place.cluster}`
      : place.store === undefined
        ? place.host
        : `${place.host} / ${place.store}`,
  )
  return [...byTitle].map(([title, members]) => ({ title, findings: members }))
}

function renderFinding(finding: Finding, now: Instant, terminal: Pick<Terminal, 'colours' | 'columns'>): string[] {
  const width = Math.max(40, Math.min(terminal.columns, 120) - 14)
  const field = (name: string, text: string): string[] =>
    text === ''
      ? []
      : wrap(printable(text), width).map(
          (line, index) => `    ${styled(terminal, 'dim', (index === 0 ? name : '').padEnd(9))} ${line}`,
        )
  return [
    `  ${word(finding.severity, terminal)} ${finding.code}  ${printable(finding.subject)}`,
    ...field('', finding.summary),
    ...seenLines(finding.evidence, now).flatMap((line, index) => field(index === 0 ? 'seen' : '', line)),
    ...field('endangers', finding.endangers),
    ...field('do', finding.remedy),
  ]
}

/** More would bury what to do; `--json` has all of it. */
const shownEvidence = 4

/** The first few, each with where it comes from. */
function seenLines(evidence: readonly Evidence[], now: Instant): string[] {
  const lines = evidence.slice(0, shownEvidence).map((item) => evidenceText(item, now))
  const rest = evidence.length - shownEvidence
  return rest > 0 ? [...lines, `and ${rest} more: --json`] : lines
}

function evidenceText({ what, value, source, observedAt }: Evidence, now: Instant): string {
  const when = observedAt === undefined ? '' : `, ${ago(age(observedAt, now))}`
  return `${what}: ${value === null ? 'not known' : String(value)} (${source}${when})`
}

const ago = (elapsed: Duration): string => (elapsed < seconds(1) ? 'just now' : `${durationText(elapsed)} ago`)

/** One line and counters, for Nagios and its kin. */
export function renderNagios({ status, findings, totals }: Health): string {
  const bad = findings.filter(({ severity }) => severity !== 'ok' && severity !== 'info')
  const named = bad.slice(0, 5).map(({ code, subject }) => `${code} ${subject}`)
  const rest = bad.length > named.length ? ` and ${bad.length - named.length} more` : ''
  const text = bad.length === 0 ? 'nothing is wrong' : `${named.join(', ')}${rest}`
  const counters = severities.map((severity) => `${severity}=${totals.findings[severity]}`).join(' ')
  // `|` separates the counters: it must not stand in the text.
  return `TIERCEL ${(status === 'info' ? 'ok' : status).toUpperCase()} - ${printable(text).replaceAll('|', '/')} | ${counters}`
}

/** Health as JSON: instants in ISO 8601, bigints and units as in the schema. */
export function healthJson(health: Health): string {
  const { at, status, findings, totals } = health
  const json = JSON.stringify(
    {
      at: iso(at),
      status,
      findings: findings.map(({ evidence, ...finding }) => ({
        ...finding,
        evidence: evidence.map(({ observedAt, ...rest }) => ({
          ...rest,
          ...(observedAt === undefined ? {} : { observedAt: iso(observedAt) }),
        })),
      })),
      totals,
    },
    undefined,
    2,
  )
  return printableJson(json)
}

/** ECMAScript, Time Values: beyond ±8.64e15 ms there are no dates, and a host can send any number. */
const latestDate = 8.64e15

export const iso = (instant: Instant): string =>
  new Date(Math.max(-latestDate, Math.min(latestDate, instant))).toISOString()
