import type { Check } from '../domain/health/check.ts'
import { nearest } from '../adapters/files/nearest.ts'
import { UsageError } from './errors.ts'

/** The page of one check, for a terminal. */
export function explainCheck(code: string, checks: readonly Check[]): string[] {
  const check = checks.find((candidate) => candidate.code === code.toUpperCase())
  if (check === undefined) {
    const codes = checks.map((known) => known.code)
    const near = nearest(code.toUpperCase(), codes)
    throw new UsageError(
      `there is no code ${code}${near === undefined ? '' : `; did you mean ${near}?`} The codes: ${codes.join(', ')}`,
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

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
