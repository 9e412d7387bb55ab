import type { Reading, Trouble } from '../observation.ts'
import { durationText } from '../text-units.ts'
import { age, type Instant } from '../units.ts'
import type { Evidence } from './finding.ts'
import { isStale } from './staleness.ts'

/** Values out of a reading, as evidence; with a line on the age of the look where it is older than it should be. */
export function evidenceFrom(
  reading: Reading<unknown>,
  now: Instant,
  values: Readonly<Record<string, Evidence['value']>>,
): Evidence[] {
  const { source, last } = reading
  const seen = last === null ? { source } : { source, observedAt: last.at }
  const found = Object.entries(values).map(([what, value]) => ({ what, value, ...seen }))
  return last !== null && isStale(reading, now)
    ? [...found, { what: 'age of this look', value: durationText(age(last.at, now)), ...seen }]
    : found
}

/** What went wrong with looking, as evidence: the message, since when, and the first lines of what was not understood. */
export function evidenceOfTrouble(
  what: string,
  { source }: Reading<unknown>,
  trouble: Trouble,
  now: Instant,
): Evidence[] {
  const seen = { source, observedAt: trouble.at }
  return [
    { what, value: trouble.message, ...seen },
    { what: `${what}: for how long`, value: durationText(age(trouble.since, now)), ...seen },
    ...(trouble.raw === undefined ? [] : [{ what: `${what}: its own words`, value: firstLines(trouble.raw), ...seen }]),
  ]
}

/** What the settings of the fleet file or an agent.yaml say, as evidence. */
export function declared(what: string, value: Evidence['value'], source: 'fleet file' | 'agent.yaml'): Evidence {
  return { what, value, source }
}

/** The first lines with text in them, bounded: a finding is read on a screen. */
function firstLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 5)
    .map((line) => (line.length > 200 ? `${line.slice(0, 200)}…` : line))
    .join('\n')
}
