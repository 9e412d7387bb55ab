import { z } from 'zod'
import { poolSettings } from './pool-settings.ts'
import { DurationText, PercentText } from './text-units.ts'
import { days, hours, milliseconds, minutes, seconds, Share } from './units.ts'

type Thresholds = z.ZodPrefault<
  z.ZodObject<{ warning: z.ZodDefault<typeof PercentText>; critical: z.ZodDefault<typeof PercentText> }, z.core.$strict>
>

/** Two shares in use, or left, from which on there is a warning, and a critical finding. */
export const thresholds = (warning: number, critical: number): Thresholds =>
  z
    .strictObject({
      warning: PercentText.default(Share.parse(warning)),
      critical: PercentText.default(Share.parse(critical)),
    })
    .prefault({})

/** What the fleet file says about checks. */
export const CheckSettings = z.strictObject({
  pinsetDiverged: z
    .strictObject({ after: DurationText.default(minutes(5)) })
    .prefault({})
    .describe('PINSET_DIVERGED: how long two peers must have held still with different pinsets'),
  ...poolSettings,
  scrubOverdue: z
    .strictObject({ after: DurationText.default(days(35)) })
    .prefault({})
    .describe('SCRUB_OVERDUE: longest time since the last finished scrub'),
  arcHitRatio: thresholds(0.85, 0.7)
    .refine(({ warning, critical }) => warning >= critical, 'warning must not be below critical')
    .describe('ARC_HIT_RATIO_LOW: hit shares below which to warn'),
  clockSkew: z
    .strictObject({ warning: DurationText.default(seconds(2)), critical: DurationText.default(seconds(60)) })
    .prefault({})
    .refine(({ warning, critical }) => warning <= critical, 'warning must not be above critical')
    .describe('CLOCK_SKEW: by how much the clock of a host may be off'),
  hostMemory: thresholds(0.1, 0.05)
    .refine(({ warning, critical }) => warning >= critical, 'warning must not be below critical')
    .describe('HOST_MEMORY_LOW: shares of the memory that programs can still get'),
  peersDisagree: z
    .strictObject({ after: DurationText.default(minutes(2)) })
    .prefault({})
    .describe('PEERS_DISAGREE: how long the peers must have seen different peers'),
  pinQueueStuck: z
    .strictObject({ after: DurationText.default(hours(1)), waiting: DurationText.default(hours(24)) })
    .prefault({})
    .describe('PIN_QUEUE_STUCK: longest time without a pin leaving the queue, and longest wait of one pin in it'),
  placement: z
    .strictObject({ listsMaxAge: DurationText.default(hours(24)) })
    .prefault({})
    .describe(
      'PINS_UNDER_REPLICATED and its kin: how old the lists of a peer may be; beyond, its copies are not known',
    ),
  storageMax: z
    .strictObject({ above: PercentText.default(Share.parse(0.05)), below: PercentText.default(Share.parse(0.1)) })
    .prefault({})
    .describe(
      'STORAGE_MAX_MISLEADING: how far StorageMax may lie above what the dataset can hold, and the least share of the free space that it must offer',
    ),
  diskSlow: z
    .strictObject({ atLeast: DurationText.default(milliseconds(20)), times: z.number().min(1).default(4) })
    .prefault({})
    .describe('DISK_SLOW: mean latency from which on, and how many times that of the other disks of its vdev'),
  diskSmart: z
    .strictObject({
      reallocated: z.int().min(1).default(50),
      wear: PercentText.default(Share.parse(0.9)),
    })
    .prefault({})
    .describe('DISK_SMART: reallocated sectors (or grown defects) from which on, and the used share of an SSD’s life'),
  uncleanStop: z
    .strictObject({ tellFor: DurationText.default(days(3)) })
    .prefault({})
    .describe('UNCLEAN_STOP: how long after the start of the host it is a warning'),
  foreignScheduler: z
    .strictObject({ accept: z.array(z.string().min(1)).default([]) })
    .prefault({})
    .describe('FOREIGN_SCHEDULER: schedulers of snapshots that are meant to be there, by name'),
})
export type CheckSettings = z.infer<typeof CheckSettings>
