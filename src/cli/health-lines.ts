import { familiesOf } from '../domain/health/families.ts'
import type { Severity } from '../domain/health/finding.ts'
import { tally } from '../domain/health/judge.ts'
import { countsText, type Report } from '../domain/health/report.ts'
import { printable, styled, type Terminal, wrap } from './terminal.ts'

const colour = { critical: 'red', unknown: 'magenta', warning: 'yellow', info: 'cyan', ok: 'green' } as const

/** How bad it is as a whole, how much of the fleet was seen, and how much there is. What follows from something else is counted apart. */
export function headline(report: Report, terminal: Pick<Terminal, 'colours' | 'columns'>): string[] {
  const { status, findings, totals, muted = [], narrowing } = report
  const families = familiesOf(findings)
  const counts = countsText(tally(families))
  const follow = findings.length - families.length
  const nothing = narrowing === undefined && muted.length === 0 ? 'nothing is wrong' : 'nothing to show'
  const parts = [
    `${totals.observed.hosts} of ${totals.declared.hosts} ${totals.declared.hosts === 1 ? 'host' : 'hosts'} seen`,
    `${counts === '' ? nothing : counts}${follow === 0 ? '' : ` (and ${follow} that follow)`}`,
    ...(muted.length === 0 ? [] : [`${muted.length} muted`]),
    Object.entries(totals.observed)
      .filter(([noun]) => noun !== 'hosts')
      .map(([noun, count]) => `${count} ${count === 1 ? noun.replace(/s$/, '') : noun}`)
      .join(', '),
  ]
  const [first = '', ...more] = wrap(`${status.toUpperCase()} · ${parts.join(' · ')}`, Math.max(20, terminal.columns))
  return [`${word(status, terminal)}${first.slice(status.length)}`, ...more]
}

/** A good status of a part is no good status of the whole. */
export function narrowingLine({ narrowing }: Report): string[] {
  if (narrowing === undefined) return []
  const left = countsText(narrowing.left)
  return [`filtered by ${printable(narrowing.asked)}; not shown: ${left === '' ? 'nothing else is wrong' : left}`]
}

/** A severity, in its colour. */
export const word = (severity: Severity, terminal: Pick<Terminal, 'colours'>): string =>
  styled(terminal, ['bold', colour[severity]], severity.toUpperCase())
