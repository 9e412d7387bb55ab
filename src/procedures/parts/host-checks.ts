import { isStale } from '../../domain/health/staleness.ts'
import type { AnsweredHost } from '../../domain/health/view.ts'
import type { Reading } from '../../domain/observation.ts'
import { holds, objection, unknown, type Verdict } from './verdict.ts'

/** What a reading says of now, or why it says nothing. */
export function present<T>(reading: Reading<T> | undefined, host: AnsweredHost): { value: T } | { why: string } {
  if (reading === undefined) return { why: `${host.name} has no ZFS` }
  if (reading.trouble !== null) return { why: reading.trouble.message }
  if (reading.last === null) return { why: 'it was not looked at yet' }
  return isStale(reading, host.now) ? { why: 'it was not looked at lately' } : { value: reading.last.value }
}

/** Two schedulers of scrubs run into each other; one that the fleet file accepts is known to the operator. */
export function schedulerVerdict(host: AnsweredHost, accept: readonly string[]): Verdict {
  const seen = present(host.observation.machine.installed, host)
  if ('why' in seen) return unknown(`what is installed on ${host.name} is not known: ${seen.why}`)
  const scrubbing = seen.value.schedulers.filter(({ does }) => does.includes('scrub'))
  const meddling = scrubbing.filter(({ name }) => !accept.includes(name))
  if (meddling.length > 0) {
    const named = meddling.map(({ name, place }) => `${name} (${place})`).join(', ')
    return objection(
      `${named} scrubs there too. Remove it, or name it under checks.foreignScheduler.accept in the fleet file if both are meant`,
    )
  }
  const accepted = scrubbing.map(({ name }) => name).join(', ')
  return holds(
    accepted === '' ? 'no cron job and no timer scrubs there' : `${accepted} does, and the fleet file accepts it`,
  )
}

/** Whoever reads the list of errors as root is who runs the command. */
export function privilegesVerdict(host: AnsweredHost): Verdict {
  const seen = present(host.observation.zfs?.privileges, host)
  return 'why' in seen ? unknown(seen.why) : holds(`by the ${seen.value.by}`)
}
