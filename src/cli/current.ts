import { isStale } from '../domain/health/staleness.ts'
import type { AnsweredHost } from '../domain/health/view.ts'
import type { Reading } from '../domain/observation.ts'

/** What stands for the present: not the last good look of a probe that fails, or has stopped looking. */
export function current<T>(reading: Reading<T> | null | undefined, host: AnsweredHost): T | undefined {
  if (reading === undefined || reading === null || reading.last === null || isStale(reading, host.now)) return undefined
  return reading.trouble === null || reading.trouble.kind === 'not-permitted' ? reading.last.value : undefined
}
