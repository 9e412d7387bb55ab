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
  const sitOuts = sitOutCounter()
  return {
    note(statuses, at) {
      const last = hourly.at(-1)
      // A clock that was set back would let the next sample wait for hours.
      if (last !== undefined && at < last.at) hourly = []
      newest = { at, counts: countsOf(statuses, sitOuts(statuses)) }
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

/**
 * How many sit-outs each disk has been seen to begin: OpenZFS 2.4 counts each as a slow I/O, which it is not. One takes ten
 * minutes (vdev_read_sit_out_secs), so none begins and ends between two looks.
 */
function sitOutCounter(): (statuses: readonly PoolStatus[]) => ReadonlyMap<string, number> {
  const begun = new Map<string, number>()
  let sitting = new Set<string>()
  return (statuses) => {
    const now = new Set<string>()
    for (const { name: pool, vdevs } of statuses) {
      for (const leaf of leaves(vdevs.data)) {
        const disk = `${pool}/${leaf.name}`
        // `zpool clear`, or a disk that is opened anew, begins the count at 0.
        if ((leaf.slowIos ?? 0) === 0) begun.delete(disk)
        if (leaf.sitsOut !== true) continue
        now.add(disk)
        if (!sitting.has(disk)) begun.set(disk, (begun.get(disk) ?? 0) + 1)
      }
    }
    sitting = now
    return begun
  }
}

function countsOf(
  statuses: readonly PoolStatus[],
  sitOuts: ReadonlyMap<string, number>,
): ErrorHistory['samples'][number]['counts'] {
  const found = statuses.flatMap(({ name: pool, vdevs }) =>
    leaves(vdevClasses.flatMap((name) => vdevs[name])).flatMap((leaf) => {
      const errors = (leaf.readErrors ?? 0) + (leaf.writeErrors ?? 0) + (leaf.checksumErrors ?? 0)
      const slowIos = Math.max(0, (leaf.slowIos ?? 0) - (sitOuts.get(`${pool}/${leaf.name}`) ?? 0))
      return errors + slowIos === 0 ? [] : [[`${pool}/${leaf.name}`, { errors, slowIos }] as const]
    }),
  )
  return Object.fromEntries(found.slice(0, maxDisks))
}
