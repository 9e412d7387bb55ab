import type { ErrorHistory } from '../domain/error-history.ts'
import { leaves, type PoolStatus, vdevClasses } from '../domain/pool-status.ts'
import { age, hours, type Instant } from '../domain/units.ts'

/** More disks with errors than a host has in service; an observation stays bounded. */
const maxDisks = 200
const sampleEvery = hours(1)
const keepFor = hours(24)

/** Keeps the error counts of a host's disks over a day: what tells an old error from a growing number of them. */
export interface ErrorHistoryKeeper {
  note(statuses: readonly PoolStatus[], at: Instant): void
  history(): ErrorHistory
}

export function errorHistoryKeeper(): ErrorHistoryKeeper {
  let hourly: ErrorHistory['samples'] = []
  let newest: ErrorHistory['samples'][number] | undefined
  return {
    note(statuses, at) {
      const last = hourly.at(-1)
      // A clock that was set back would let the next sample wait for hours.
      if (last !== undefined && at < last.at) hourly = []
      newest = { at, counts: countsOf(statuses) }
      if (last === undefined || at < last.at || age(last.at, at) >= sampleEvery) hourly.push(newest)
      // The one before the day stays: growth within the day is measured from it.
      const within = hourly.findIndex((sample) => age(sample.at, at) <= keepFor)
      hourly = hourly.slice(Math.max(0, within - 1))
    },
    history: () => {
      const isKept = newest === undefined || hourly.includes(newest)
      return { samples: isKept || newest === undefined ? [...hourly] : [...hourly, newest] }
    },
  }
}

function countsOf(statuses: readonly PoolStatus[]): ErrorHistory['samples'][number]['counts'] {
  const found = statuses.flatMap(({ name: pool, vdevs }) =>
    leaves(vdevClasses.flatMap((name) => vdevs[name])).flatMap((leaf) => {
      const errors = (leaf.readErrors ?? 0) + (leaf.writeErrors ?? 0) + (leaf.checksumErrors ?? 0)
      const slowIos = leaf.slowIos ?? 0
      return errors + slowIos === 0 ? [] : [[`${pool}/${leaf.name}`, { errors, slowIos }] as const]
    }),
  )
  return Object.fromEntries(found.slice(0, maxDisks))
}
