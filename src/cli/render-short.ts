import { type Family, familiesOf } from '../domain/health/families.ts'
import { type Finding, isBad, type Severity } from '../domain/health/finding.ts'
import { countsText, type Report } from '../domain/health/report.ts'
import { tally } from '../domain/health/judge.ts'
import { Instant } from '../domain/units.ts'
import { headline, narrowingLine, word } from './health-lines.ts'
import { renderMuted } from './render-muted.ts'
import { cut, middleCut, printable, styled, type Terminal } from './terminal.ts'
import { sinceText } from './times.ts'

/** Alike findings from so many on are one line. */
const foldedFrom = 3

/** So many lines where the height of the screen does not say how many: one look at it, and no scrolling. */
const plainRows = 38

/** Since when a finding is there, where that is remembered. */
export type SinceOf = (finding: Pick<Finding, 'code' | 'subject'>) => Instant | undefined

/**
 * Health on one screen: the headline, then two lines for each cause, the worst first. What does not fit has one line; what does
 * not fit then is counted. Never more lines than `rows`, but for what is muted and what has to be known about it.
 */
export function renderShort(
  health: Report,
  terminal: Pick<Terminal, 'colours' | 'columns' | 'rows'>,
  { since = () => undefined, more = 'tiercel health --long' }: { since?: SinceOf | undefined; more?: string } = {},
): string[] {
  const columns = Math.max(20, terminal.columns)
  const told = health.findings.filter(isBad)
  const infos = health.findings.filter(({ severity }) => severity === 'info')
  const tail = [...infoLine(infos, more).map((line) => cut(line, columns)), ...renderMuted(health, terminal)]
  const head = [...headline(health, terminal), ...narrowingLine(health)]
  const entries = folded(familiesOf(told)).map((alike) => entryOf(alike, since, health.at))
  // One is left for what is counted.
  const room = Math.max(3, (terminal.rows ?? plainRows) - head.length - tail.length - 2)
  const shown = entries.slice(0, entries.length <= room ? room : room - 1)
  const long = Math.max(0, Math.min(shown.length, room - shown.length))
  const body = shown.flatMap((entry, index) => linesOf(entry, index < long, columns, terminal))
  const rest = entries.slice(shown.length).flatMap(({ findings }) => findings)
  const counted = rest.length === 0 ? [] : [`and ${rest.length} more, ${countsText(tally(rest))}: ${more}`]
  return [...head, ...(body.length === 0 ? [] : ['', ...body]), ...counted.map((line) => cut(line, columns)), ...tail]
}

/** What is told in one place. */
interface Entry {
  severity: Severity
  /** What it is about, and what is so; printable. */
  about: string
  says: string
  note: string
  /** `DISK_REMOVED +2`: with how much follows from it. */
  code: string
  todo: string
  findings: readonly Finding[]
}

/** Families whose causes are alike, where there are many of them: worst first, as they come. */
function folded(families: readonly Family[]): Family[][] {
  const alike = Map.groupBy(families, ({ root, severity }) => `${severity} ${root.code}`)
  return [...alike.values()].flatMap((many) => (many.length >= foldedFrom ? [many] : many.map((one) => [one])))
}

function entryOf(alike: readonly Family[], since: SinceOf, at: Instant): Entry {
  const findings = alike.flatMap(({ root, follow }) => [root, ...follow])
  const first = alike[0]
  if (first === undefined) throw new Error('there is nothing to tell')
  const { root, severity } = first
  const follow = alike.flatMap((family) => family.follow)
  const from = alike.flatMap((family) => since(family.root) ?? [])
  const note = from.length === 0 ? '' : sinceText(Instant.parse(Math.min(...from)), at)
  const code = `${root.code}${follow.length === 0 ? '' : ` +${follow.length}`}`
  const common = { severity, note, code, findings }
  if (alike.length === 1) {
    return { ...common, about: root.subject, says: root.summary, todo: firstSentence(root.remedy) }
  }
  const subjects = alike.map((family) => family.root.subject)
  return {
    ...common,
    about: `${root.code} on ${alike.length}`,
    says: `${subjects.slice(0, 3).join(', ')}${subjects.length > 3 ? ` … ${subjects.at(-1) ?? ''}` : ''}`,
    todo: `tiercel health show ${root.code}`,
  }
}

function linesOf(
  { severity, about, says, note, code, todo }: Entry,
  isLong: boolean,
  columns: number,
  terminal: Pick<Terminal, 'colours'>,
): string[] {
  const subject = middleCut(printable(about), Math.max(8, Math.floor(columns * 0.4)))
  const left = columns - severity.length - subject.length - 3
  const first = `${word(severity, terminal)} ${styled(terminal, 'bold', subject)}  ${left > 1 ? cut(printable(says), left) : ''}`
  if (!isLong) return [first]
  const second = `${note === '' ? '' : `${note}. `}${printable(todo)}`
  const named = cut(code, columns - 2)
  return [first, `  ${styled(terminal, 'dim', named)}  ${cut(second, Math.max(1, columns - named.length - 4))}`]
}

/** One line for all that needs nobody: how much there is of what. */
function infoLine(infos: readonly Finding[], more: string): string[] {
  if (infos.length === 0) return []
  const codes = Map.groupBy(infos, ({ code }) => code)
  const text = [...codes].map(([code, { length }]) => `${code}${length === 1 ? '' : ` ×${length}`}`).join(', ')
  return ['', `${infos.length} ${infos.length === 1 ? 'info' : 'infos'}: ${text}  (${more})`]
}

/** Up to its first full stop that ends a sentence, or its first colon before a list. */
const firstSentence = (text: string): string => /^.*?[.;](?=\s|$)/s.exec(text)?.[0] ?? text
