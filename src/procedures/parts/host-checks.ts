import { isStale } from '../../domain/health/staleness.ts'
import type { AnsweredHost } from '../../domain/health/view.ts'
import type { Reading } from '../../domain/observation.ts'
import { holds, objection, unknown, type Verdict } from './verdict.ts'

/** What a reading says of now, or why it says nothing. */
function present<T>(reading: Reading<T> | undefined, host: AnsweredHost): { value: T } | { why: string } {
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

/** `zpool scrub -e` came with 2.2, and needs the feature head_errlog, without which zpool refuses it and changes nothing. */
export function errorScrubVerdict(host: AnsweredHost, pool: string): Verdict {
  const seen = present(host.observation.zfs?.version, host)
  if ('why' in seen) return unknown(`the version of OpenZFS is not known: ${seen.why}`)
  const { module, userland } = seen.value
  if (module === null) return unknown('the version of the kernel module is not told')
  const old = [module, userland].find((version) => !isAtLeast22(version))
  if (old !== undefined) return objection(`OpenZFS ${old} cannot: --errors-only needs 2.2 or later`)
  const statuses = present(host.observation.zfs?.poolStatus, host)
  if ('why' in statuses) return unknown(`the features of ${pool} are not known: ${statuses.why}`)
  const status = statuses.value.find(({ name }) => name === pool)
  if (status?.statusText?.includes('features are not enabled') === true) {
    return objection('not all features of the pool are enabled: it may lack head_errlog. Scrub all of it instead')
  }
  return holds(`OpenZFS ${module}; should the pool lack head_errlog, zpool refuses and changes nothing`)
}

function isAtLeast22(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return major > 2 || (major === 2 && minor >= 2)
}
