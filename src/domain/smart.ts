import { z } from 'zod'
import { Share } from './units.ts'

const count = z.number().nonnegative()

/** What SMART tells of one disk, as far as we judge or show it (smartctl(8)). */
export const SmartReport = z.object({
  /** The kernel's name. */
  disk: z.string().min(1),
  /** `unsupported`: the device has no SMART, as virtual disks; `standby`: not woken for it; `unreadable`: it did not answer. */
  state: z.enum(['read', 'unsupported', 'standby', 'unreadable']),
  /** The program's own words, where it was not read. */
  message: z.string(),
  protocol: z.enum(['ata', 'nvme', 'scsi', 'unknown']),
  model: z.string(),
  serial: z.string(),
  /** The disk's own verdict; null where it gives none. */
  passed: z.boolean().nullable(),
  /** °C */
  temperature: z.number().nullable(),
  powerOnHours: count.nullable(),
  /** ATA: raw values of attributes; SCSI: grown defects stand for `reallocated`, uncorrected errors for `reported`. */
  reallocated: count.nullable(), // 5
  reported: count.nullable(), // 187
  pending: count.nullable(), // 197
  uncorrectable: count.nullable(), // 198
  crc: count.nullable(), // 199
  /** ATA attributes that are below their thresholds now, by name. */
  failingNow: z.array(z.string()),
  /** Of the life that the maker promises, of SATA and SAS; null where it is not told, and of NVMe, which tells it below. */
  used: count.nullable().default(null),
  /** The self-test that has failed and that no good one outdates, in the program's words, maybe none; null where none has. */
  failedTest: z.string().nullable().default(null),
  nvme: z
    .object({
      /** Bits: 0 spare, 1 temperature, 2 reliability, 3 read-only, 4 power backup, 5 persistent memory (NVMe 1.4, 5.14.1.2). */
      criticalWarning: z.int().nonnegative(),
      mediaErrors: count,
      spare: Share,
      spareThreshold: Share,
      /** Of the life that the maker promises; more than 1 is possible. */
      used: count,
    })
    .nullable(),
})
export type SmartReport = z.infer<typeof SmartReport>

/** The reports of a host's disks. */
export const Smart = z.object({
  /** How to get smartctl, where it is not installed; then there are no reports. */
  missing: z.string().nullable(),
  reports: z.array(SmartReport),
  /** Counts as they were first read, to tell what grows: by disk. */
  first: z.record(z.string(), z.object({ reallocated: count.nullable(), crc: count.nullable() })),
})
export type Smart = z.infer<typeof Smart>
