import { z } from 'zod'
import { DurationText } from './text-units.ts'
import { type Duration, seconds } from './units.ts'

const timing = (every: number, deadline: number) =>
  z
    .strictObject({
      every: DurationText.default(seconds(every)),
      deadline: DurationText.default(seconds(deadline)),
    })
    .prefault({})

/** How often each probe looks, and how long it may take before it counts as stuck. */
export const ProbeTiming = z.strictObject({
  kstats: timing(5, 2),
  machine: timing(10, 5),
  services: timing(30, 15),
  installed: timing(600, 60),
  disks: timing(60, 10),
  io: timing(5, 2),
  smart: timing(1800, 180),
  cluster: timing(10, 8),
  kubo: timing(10, 8),
  pins: timing(10, 8),
  metrics: timing(30, 10),
  settings: timing(120, 30),
  pinset: timing(10, 8),
  poolStatus: timing(30, 20),
  pools: timing(30, 20),
  datasets: timing(60, 30),
})
export type ProbeTiming = z.infer<typeof ProbeTiming>

/** One probe's period and deadline. */
export interface Timing {
  every: Duration
  deadline: Duration
}
