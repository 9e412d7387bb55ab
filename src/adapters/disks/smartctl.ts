import { z } from 'zod'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { SmartReport } from '../../domain/smart.ts'
import { Share } from '../../domain/units.ts'
import { attributeNames, lifeLeft } from './smart-names.ts'
import { CommandFailed, type Exec, type ExecOptions } from '../system/exec.ts'

/**
 * `-a` for all that ATA, NVMe and SCSI have; `-n standby` lets a sleeping disk sleep. The device is one of the kernel's own
 * names, never free text: whoever calls this has checked it.
 */
export const smartArgs = (disk: string): string[] => ['-j', '-a', '-n', 'standby', `/dev/${disk}`]

/**
 * What smartctl printed. Its exit status is a set of bits (smartctl(8)): most tell of the disk, not of a failure of the
 * program, and the JSON says the same.
 */
export async function runSmartctl(exec: Exec, disk: string, options: ExecOptions): Promise<string> {
  try {
    return await exec('smartctl', smartArgs(disk), options)
  } catch (error) {
    if (error instanceof CommandFailed && error.stdout.trimStart().startsWith('{')) return error.stdout
    throw error
  }
}

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().catch(null)
const uncorrected = z.object({ total_uncorrected_errors: z.number() })

const SelfTest = z.object({
  type: z.object({ string: z.string() }),
  status: z.object({ string: z.string(), passed: z.boolean().optional() }),
  lifetime_hours: z.number().optional(),
})

/** Only what is read; other keys are accepted. */
const Printed = z.object({
  smartctl: z.object({
    exit_status: z.int(),
    messages: optional(z.array(z.object({ string: z.string() }))),
  }),
  device: optional(z.object({ protocol: z.string() })),
  model_name: optional(z.string()),
  scsi_model_name: optional(z.string()),
  serial_number: optional(z.string()),
  smart_support: optional(z.object({ available: z.boolean() })),
  smart_status: optional(z.object({ passed: z.boolean() })),
  temperature: optional(z.object({ current: z.number() })),
  power_on_time: optional(z.object({ hours: z.number() })),
  ata_smart_attributes: z
    .object({
      table: z.array(
        z.object({
          id: z.int(),
          name: z.string(),
          value: z.number().optional(),
          when_failed: z.string().optional(),
          flags: z.object({ prefailure: z.boolean() }).optional(),
          raw: z.object({ value: z.number(), string: z.string() }),
        }),
      ),
    })
    .optional(),
  ata_smart_self_test_log: optional(z.record(z.string(), z.unknown())),
  endurance_used: optional(z.object({ current_percent: z.number() })),
  scsi_percentage_used_endurance_indicator: optional(z.number()),
  scsi_grown_defect_list: z.number().optional(),
  scsi_error_counter_log: z.record(z.string(), uncorrected.or(z.unknown())).optional(),
  nvme_smart_health_information_log: z
    .object({
      critical_warning: z.int().nonnegative(),
      media_errors: z.number().nonnegative(),
      available_spare: z.number(),
      available_spare_threshold: z.number(),
      percentage_used: z.number().nonnegative(),
    })
    .optional(),
})
type Printed = z.infer<typeof Printed>

/** What smartctl 7 tells of one disk with `-j` (its form 1.0; the first of 6.7 and 7.0 read alike). */
export function parseSmart(disk: string, stdout: string): SmartReport {
  let json: unknown
  try {
    json = JSON.parse(stdout)
  } catch (cause) {
    throw new UnexpectedOutput(`smartctl did not print JSON for ${disk}`, stdout, { cause })
  }
  const parsed = Printed.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new UnexpectedOutput(`cannot read smartctl on ${disk}: ${issue?.path.join('.')}: ${issue?.message}`, stdout)
  }
  const printed = parsed.data
  const message = (printed.smartctl.messages ?? [])
    .map((one) => one.string)
    .join('; ')
    .slice(0, 300)
  return {
    disk,
    state: stateOf(printed, message),
    message,
    protocol: protocolOf(printed),
    model: (printed.model_name ?? printed.scsi_model_name ?? '').slice(0, 100),
    serial: (printed.serial_number ?? '').slice(0, 100),
    passed: printed.smart_status?.passed ?? null,
    temperature: printed.temperature?.current ?? null,
    powerOnHours: nonNegative(printed.power_on_time?.hours),
    ...countsOf(printed),
    used: usedOf(printed),
    failedTest: failedTestOf(printed),
    nvme: nvmeOf(printed),
  }
}

function stateOf(printed: Printed, message: string): SmartReport['state'] {
  const isThere =
    (printed.smart_status !== undefined && printed.smart_status !== null) ||
    printed.ata_smart_attributes !== undefined ||
    printed.nvme_smart_health_information_log !== undefined
  if (isThere) return 'read'
  if (/STANDBY|SLEEP|Device is in .{1,40} mode/.test(message)) return 'standby'
  const without =
    printed.smart_support?.available === false ||
    /unable to detect device type|unknown usb bridge|lacks SMART|specify device type|megaraid|cciss|areca/i.test(
      message,
    )
  // Bits 0 and 1: the device could not be opened, or nothing was asked of it. Neither set, and no SMART: it has none.
  return without || (printed.smartctl.exit_status & 0b11) === 0 ? 'unsupported' : 'unreadable'
}

function protocolOf({ device }: Printed): SmartReport['protocol'] {
  const protocol = device?.protocol.toLowerCase()
  return protocol === 'ata' || protocol === 'nvme' || protocol === 'scsi' ? protocol : 'unknown'
}

type Counts = Pick<SmartReport, 'reallocated' | 'reported' | 'pending' | 'uncorrectable' | 'crc' | 'failingNow'>

function countsOf(printed: Printed): Counts {
  const table = printed.ata_smart_attributes?.table ?? []
  const raw = (what: keyof typeof attributeNames): number | null => {
    const { id, called } = attributeNames[what]
    const attribute = table.find((one) => one.id === id && called.test(one.name))
    if (attribute === undefined) return null
    // The text is as the drive database reads it, `2725 (151 234 0)`; the number packs several values.
    const [digits] = /^\d{1,15}/.exec(attribute.raw.string) ?? []
    return digits === undefined ? nonNegative(attribute.raw.value) : Number(digits)
  }
  const uncorrectedErrors = Object.values(printed.scsi_error_counter_log ?? {}).flatMap((log) => {
    const read = uncorrected.safeParse(log)
    return read.success ? [read.data.total_uncorrected_errors] : []
  })
  return {
    reallocated: raw('reallocated') ?? nonNegative(printed.scsi_grown_defect_list),
    reported:
      raw('reported') ??
      (uncorrectedErrors.length === 0 ? null : nonNegative(uncorrectedErrors.reduce((a, b) => a + b, 0))),
    pending: raw('pending'),
    uncorrectable: raw('uncorrectable'),
    crc: raw('crc'),
    failingNow: table
      .filter(({ when_failed: when, flags }) => when === 'now' && flags?.prefailure === true)
      .map(({ name }) => name.slice(0, 60))
      .slice(0, 20),
  }
}

/** Of the promised life, outside of NVMe: ATA Device Statistics or what smartctl makes of them, the page of SAS, an attribute. */
function usedOf(printed: Printed): number | null {
  const told = printed.endurance_used?.current_percent ?? printed.scsi_percentage_used_endurance_indicator
  if (told !== undefined && told !== null) return told < 0 ? null : told / 100
  const left = printed.ata_smart_attributes?.table.find(
    ({ id, name, value }) => id >= 100 && lifeLeft.test(name) && value !== undefined && value >= 0 && value <= 100,
  )?.value
  return left === undefined ? null : (100 - left) / 100
}

/** Bit 7 of the exit status: a self-test has failed, and no good one came after it. */
function failedTestOf(printed: Printed): string | null {
  if ((printed.smartctl.exit_status & 0b1000_0000) === 0) return null
  const logs = Object.values(printed.ata_smart_self_test_log ?? {}).flatMap((log) => {
    const read = z.object({ table: z.array(SelfTest) }).safeParse(log)
    return read.success ? read.data.table : []
  })
  const failed = logs.find(({ status }) => status.passed === false)
  if (failed === undefined) return ''
  const at = failed.lifetime_hours === undefined ? '' : ` at ${failed.lifetime_hours} hours`
  return `${failed.type.string}, ${failed.status.string}${at}`.slice(0, 200)
}

function nvmeOf({ nvme_smart_health_information_log: log }: Printed): SmartReport['nvme'] {
  if (log === undefined) return null
  return {
    criticalWarning: log.critical_warning,
    mediaErrors: log.media_errors,
    spare: share(log.available_spare),
    spareThreshold: share(log.available_spare_threshold),
    used: log.percentage_used / 100,
  }
}

const nonNegative = (value: number | null | undefined): number | null =>
  value === null || value === undefined || value < 0 || Number.isNaN(value) ? null : value

const share = (percent: number): Share => Share.parse(Math.min(1, Math.max(0, percent / 100)))
