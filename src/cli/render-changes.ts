import type { Change, Changes } from '../domain/health/looks.ts'
import { longGap } from '../domain/health/looks.ts'
import { durationText } from '../domain/text-units.ts'
import { age, type Instant } from '../domain/units.ts'
import { printable, styled, type Terminal } from './terminal.ts'
import { iso, minuteText } from './times.ts'

const words: Record<Change['kind'], string> = {
  appeared: 'new',
  worse: 'worse',
  again: 'came back',
  'not-seen': 'cannot be seen now',
  better: 'better',
  gone: 'gone',
  'came-and-went': 'came and went',
}

/** How many gaps are spelled out; the longest ones. */
const shownGaps = 3

/** What has changed, and how much of the time anybody has looked. */
export function renderChanges(changes: Changes, now: Instant, terminal: Pick<Terminal, 'colours'>): string[] {
  const title = (text: string): string => styled(terminal, 'bold', text)
  const { since, comparedWith, lookedLast, gaps, isCut } = changes
  if (comparedWith === undefined || lookedLast === undefined) {
    return [
      '',
      title(`since ${minuteText(since)}`),
      '  nothing is remembered: this is the first look from here at this fleet; the next ones will be compared with it',
    ]
  }
  const longest = gaps.toSorted((a, b) => age(b.from, b.to) - age(a.from, a.to))
  return [
    '',
    title(`since ${minuteText(since)}`),
    comparedWith > since
      ? `  nothing is remembered from before ${minuteText(comparedWith)}; compared with that look`
      : `  compared with the look of ${minuteText(comparedWith)}`,
    `  looked last at ${minuteText(lookedLast)} (${durationText(age(lookedLast, now))} ago)`,
    ...longest
      .slice(0, shownGaps)
      .map(
        ({ from, to }) =>
          `  nobody looked from ${minuteText(from)} to ${minuteText(to)} (${durationText(age(from, to))})`,
      ),
    ...(longest.length > shownGaps
      ? [`  nor in ${longest.length - shownGaps} more gaps longer than ${durationText(longGap)}`]
      : []),
    ...(gaps.length > 0 ? ['  what came and went in a gap is not known'] : []),
    ...(isCut
      ? ['  a look had more findings than are remembered: of the least bad ones, some changes are not known']
      : []),
    ...(changes.changes.length === 0 ? ['  nothing has changed'] : changes.changes.map((change) => changeLine(change))),
  ]
}

function changeLine({ kind, finding, before, after, by }: Change): string {
  const { severity, code, subject } = finding
  const was = before === undefined || before === severity ? '' : `${before} → `
  const time = after === by ? `at ${minuteText(by)}` : `between ${minuteText(after)} and ${minuteText(by)}`
  return `  ${words[kind].padEnd(13)} ${was}${severity} ${code} ${printable(subject)}  ${time}`
}

/** For `--json`. */
export function changesJson({ since, comparedWith, lookedLast, gaps, isCut, changes }: Changes): object {
  return {
    changes: {
      since: iso(since),
      comparedWith: comparedWith === undefined ? null : iso(comparedWith),
      lookedLast: lookedLast === undefined ? null : iso(lookedLast),
      gaps: gaps.map(({ from, to }) => ({ from: iso(from), to: iso(to) })),
      isCut,
      changes: changes.map(({ after, by, finding: { code, subject, severity, place }, kind, before }) => ({
        kind,
        code,
        subject,
        severity,
        before: before ?? null,
        place,
        after: iso(after),
        by: iso(by),
      })),
    },
  }
}
