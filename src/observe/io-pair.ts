import { activityBetween, type Io, type IoSample } from '../domain/disk-io.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { age, type Instant, minutes, seconds } from '../domain/units.ts'

interface Taken {
  sample: IoSample
  at: Instant
}

/** Two samples that lie closer together than this say too little. */
const apartAtLeast = seconds(1)
/** What a disk is judged by covers this much, and is begun anew bit by bit. */
const windowLength = minutes(10)
const windowStep = minutes(1)

/** Looks at the counters, and gives what was done between the newest two looks, and over the last minutes. */
export function ioActivity(take: () => Promise<IoSample>, clock: Clock): () => Promise<Io | undefined> {
  let older: Taken | undefined
  let kept: Taken[] = []
  return async () => {
    const sample = await take()
    const taken = { sample, at: clock.now() }
    // After a clock was set back, all earlier samples are from the future.
    if (older !== undefined && taken.at < older.at) {
      older = undefined
      kept = []
    }
    const newest = kept.at(-1)
    if (newest === undefined || age(newest.at, taken.at) >= windowStep) kept.push(taken)
    kept = kept.filter(({ at }) => age(at, taken.at) <= windowLength)
    const before = older
    const apart = before === undefined ? undefined : age(before.at, taken.at)
    if (before === undefined || (apart !== undefined && apart >= apartAtLeast)) older = taken
    if (before === undefined || apart === undefined || apart < apartAtLeast) return undefined
    const begin = kept[0]
    return {
      recent: { apart, devices: activityBetween(before.sample, sample, apart) },
      window:
        begin === undefined || age(begin.at, taken.at) < windowStep
          ? null
          : {
              apart: age(begin.at, taken.at),
              devices: activityBetween(begin.sample, sample, age(begin.at, taken.at)),
            },
    }
  }
}
