import type { Evidence, Finding, Severity } from '../domain/health/finding.ts'
import { isBad, severities, worst } from '../domain/health/finding.ts'
import { familiesOf } from '../domain/health/families.ts'
import type { Report } from '../domain/health/report.ts'
import { bytesText, durationText, percent } from '../domain/text-units.ts'
import { age, type Duration, type Instant, seconds } from '../domain/units.ts'
import { mutedJson, mutedNagios, renderMuted } from './render-muted.ts'
import { iso } from './times.ts'
import { headline, narrowingLine, word } from './health-lines.ts'
import { printable, printableJson, styled, textWidth, type Terminal, wrap } from './terminal.ts'

const statuses = { ok: 0, info: 0, warning: 1, critical: 2, unknown: 3 } as const

/** The exit statuses of monitoring plugins. */
export const exitStatus = (status: Severity): number => statuses[status]

/** All that is known of each finding, for a person: worst first, grouped by host and store. */
export function renderLong(health: Report, terminal: Pick<Terminal, 'colours' | 'columns'>): string[] {
  const shown = health.findings.filter(({ severity }) => severity !== 'ok')
  const lines = [...headline(health, terminal), ...narrowingLine(health)]
  for (const { title, findings } of groups(shown)) {
    lines.push(
      '',
      `${styled(terminal, 'bold', printable(title))}  ${word(worst(findings.map(({ severity }) => severity)), terminal)}`,
    )
    for (const finding of findings) lines.push(...renderFinding(finding, health.at, terminal))
  }
  // Of a narrowed report, a host without a finding may have others.
  const well =
    health.narrowing === undefined ? health.hosts.filter((host) => !shown.some(({ place }) => place.host === host)) : []
  const isMuted = (host: string) => health.muted?.some(({ finding }) => finding.place.host === host) === true
  const muted = well.filter(isMuted)
  const whole = well.filter((host) => !isMuted(host))
  const okLine = (hosts: readonly string[], note: string) =>
    hosts.length === 0
      ? []
      : ['', `${styled(terminal, 'bold', hosts.map(printable).join(', '))}  ${word('ok', terminal)}${note}`]
  return [...lines, ...okLine(muted, ' but for what is muted'), ...okLine(whole, ''), ...renderMuted(health, terminal)]
}

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

/** One finding with its evidence, what it endangers and what to do. */
export function renderFinding(
  finding: Finding,
  now: Instant,
  terminal: Pick<Terminal, 'colours' | 'columns'>,
): string[] {
  const width = textWidth(terminal, 14)
  const field = (name: string, text: string): string[] =>
    text === ''
      ? []
      : wrap(printable(text), width).map(
          (line, index) => `    ${styled(terminal, 'dim', (index === 0 ? name : '').padEnd(9))} ${line}`,
        )
  return [
    `  ${word(finding.severity, terminal)} ${finding.code}  ${printable(finding.subject)}`,
    ...field('', finding.summary),
    ...field(
      'because',
      finding.explainedBy === undefined ? '' : `${finding.explainedBy.code} ${finding.explainedBy.subject}`,
    ),
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
  const [name, text] = forPeople(what, value)
  return `${name}: ${text} (${source}${when})`
}

/** In the units of people; JSON has the figures. */
function forPeople(what: string, value: Evidence['value']): [name: string, text: string] {
  if (typeof value !== 'number') return [what, value === null ? 'not known' : String(value)]
  if (what.endsWith(' (bytes)')) return [what.slice(0, -' (bytes)'.length), bytesText(value)]
  return [what, what.endsWith('share done') ? percent(value) : String(value)]
}

const ago = (elapsed: Duration): string => (elapsed < seconds(1) ? 'just now' : `${durationText(elapsed)} ago`)

/** One line and counters, for Nagios and its kin. */
export function renderNagios(health: Report): string {
  const { status, findings, totals, narrowing } = health
  const bad = findings.filter(isBad)
  const named = familiesOf(bad)
    .map(({ root }) => root)
    .slice(0, 5)
    .map(({ code, subject }) => `${code} ${subject}`)
  const rest = bad.length > named.length ? ` and ${bad.length - named.length} more` : ''
  const muting = mutedNagios(health)
  const nothing = narrowing === undefined && muting.text === '' ? 'nothing is wrong' : 'nothing to show'
  const filtered = narrowing === undefined ? '' : ` (filtered by ${narrowing.asked})`
  const text = `${bad.length === 0 ? nothing : `${named.join(', ')}${rest}`}${filtered}${muting.text}`
  const counters = [
    ...severities.map((severity) => `${severity}=${totals.findings[severity]}`),
    ...muting.counters,
  ].join(' ')
  // `|` separates the counters: it must not stand in the text.
  return `TIERCEL ${(status === 'info' ? 'ok' : status).toUpperCase()} - ${printable(text).replaceAll('|', '/')} | ${counters}`
}

/** Health as JSON: instants in ISO 8601, bigints and units as in the schema. */
export function healthJson(health: Report, more: object = {}): string {
  const { at, status, findings, totals, narrowing } = health
  const json = JSON.stringify(
    {
      at: iso(at),
      status,
      findings: findings.map(findingJson),
      totals,
      ...mutedJson(health, findingJson),
      ...(narrowing === undefined ? {} : { filter: narrowing }),
      ...more,
    },
    undefined,
    2,
  )
  return printableJson(json)
}

const findingJson = ({ evidence, ...finding }: Finding): object => ({
  ...finding,
  evidence: evidence.map(({ observedAt, ...rest }) => ({
    ...rest,
    ...(observedAt === undefined ? {} : { observedAt: iso(observedAt) }),
  })),
})
