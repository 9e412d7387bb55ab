import type { Check } from '../domain/health/check.ts'
import { didYouMean } from '../domain/nearest.ts'
import { UsageError } from './errors.ts'
import { textWidth, wrap } from './terminal.ts'

/** The page of one check, for a terminal of so many columns. */
export function explainCheck(code: string, checks: readonly Check[], columns: number): string[] {
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.flatMap((line) => wrapped(line, columns))]
  const check = checks.find((candidate) => candidate.code === code.toUpperCase())
  if (check === undefined) {
    const codes = checks.map((known) => known.code)
    throw new UsageError(
      `there is no code ${code}${didYouMean(code.toUpperCase(), codes)} The codes: ${codes.join(', ')}`,
    )
  }
  const { meaning, endangers, remedy, settings = [], sources } = check.explanation
  return [
    `${check.code}: ${check.title}`,
    `severities: ${check.severities.join(', ')}`,
    ...section('What is looked at', [meaning]),
    ...section('What it endangers', [endangers]),
    ...section('What to do', [remedy]),
    ...section('Settings in the fleet file', settings),
    ...section('Sources', sources),
  ]
}

const wrapped = (text: string, columns: number): string[] =>
  wrap(text, textWidth({ columns }, 2)).map((line) => `  ${line}`)
