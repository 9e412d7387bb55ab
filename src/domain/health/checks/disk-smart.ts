import { diskUnder } from '../../disk.ts'
import type { SmartReport } from '../../smart.ts'
import { smartProblems } from '../../smart-problems.ts'
import { percent } from '../../text-units.ts'
import type { Check } from '../check.ts'
import { type DiskOfPool, disksIn } from '../disks-of-pool.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Finding, Place } from '../finding.ts'
import { held } from '../pools-of-host.ts'
import { type AnsweredHost, answered, type FleetView } from '../view.ts'

export const diskSmart: Check = {
  code: 'DISK_SMART',
  title: 'A disk tells of its own failing',
  severities: ['critical', 'unknown', 'warning', 'info'],
  explanation: {
    meaning:
      'SMART of a disk, in a pool or not. Critical: the disk calls itself failing, an attribute is below its threshold, or NVMe raises a critical warning that means loss. Warning: sectors that wait to be given up (197) or cannot be read (198), errors reported as uncorrectable (187, or the counter logs of SAS), media errors of NVMe, a self-test that failed, wear of 90 % and more, 50 reallocated sectors (5, or grown defects of SAS) or any that came while watched, and transfer errors that came while watched (199). Unknown where a disk of a pool does not answer. Info where smartctl is not installed. A device without SMART, as virtual disks, one behind a bridge that smartctl does not know (it must be told a type), and a sleeping disk say nothing. ATA attributes count by their names in the drive database, not by their numbers.',
    endangers: 'The disk: of those that show 187, 197 or 198, many fail within months.',
    remedy: 'Replace a disk that calls itself failing while its pool has redundancy; look at cables first for 199.',
    settings: ['checks.diskSmart.reallocated', 'checks.diskSmart.wear'],
    sources: [
      'smartctl(8): -j, and the bits of its exit status',
      'NVM Express base specification, SMART / Health Information',
      'Backblaze, hard drive SMART stats: 5, 187, 188, 197, 198 go before failures',
    ],
  },
  find: (view) => {
    const inPools = Map.groupBy(disksIn(view), ({ pool }) => pool.host.name)
    return answered(view).flatMap((host) => {
      const smart = host.observation.machine.smart?.last?.value
      if (smart === undefined) return []
      if (smart.missing !== null) return withoutProgram(host, smart.missing)
      const placed = placesOf(host, inPools.get(host.name) ?? [])
      return smart.reports.flatMap((report) => judged(view, host, report, placed.get(report.disk)))
    })
  },
}

/** The leaf of a pool on each disk; of several, the first. */
function placesOf({ observation }: AnsweredHost, leaves: readonly DiskOfPool[]): Map<string, DiskOfPool> {
  const disks = observation.machine.disks.last?.value ?? []
  const found = new Map<string, DiskOfPool>()
  for (const leaf of leaves) {
    const name = diskUnder(disks, leaf.leaf)?.disk.name
    if (name !== undefined && !found.has(name)) found.set(name, leaf)
  }
  return found
}

function judged(view: FleetView, host: AnsweredHost, report: SmartReport, leaf: DiskOfPool | undefined): Finding[] {
  const reading = host.observation.machine.smart
  const smart = reading?.last?.value
  if (reading === null || smart === undefined) return []
  const place: Place = leaf?.place ?? { kind: 'disk', host: host.name }
  const common = { code: 'DISK_SMART', subject: leaf?.subject ?? `${host.name}/${report.disk}`, place }
  const called = `Disk ${leaf?.called ?? report.disk}${leaf === undefined ? '' : ` of pool ${leaf.pool.name}`} on ${host.name}`
  if (report.state === 'unreadable') {
    if (leaf === undefined) return []
    return [
      {
        ...common,
        severity: 'unknown',
        summary: `${called} does not tell its SMART values.`,
        evidence: evidenceFrom(reading, host.now, { message: report.message }),
        endangers: 'A disk that fails can do so without a sign.',
        remedy: `On ${host.name}, run \`sudo smartctl -a /dev/${report.disk}\` and follow its message; a disk that does not answer may be failing.`,
      },
    ]
  }
  const limits = view.fleet.checks.diskSmart
  const first = Object.hasOwn(smart.first, report.disk) ? smart.first[report.disk] : undefined
  const problems = smartProblems(report, first, limits)
  if (problems.length === 0) return []
  const isCritical = problems.some(({ severity }) => severity === 'critical')
  return [
    {
      ...common,
      severity: isCritical ? 'critical' : 'warning',
      count: problems.length,
      summary: `${called} ${isCritical ? 'is failing' : 'shows signs of failing'}: ${problems.map(({ text }) => text).join('; ')}.`,
      evidence: [
        ...evidenceFrom(reading, host.now, {
          disk: [report.model, report.serial].filter(Boolean).join(', '),
          ...valuesOf(report),
        }),
        declared('thresholds', `${limits.reallocated} reallocated, wear ${percent(limits.wear)}`, 'fleet file'),
      ],
      endangers:
        leaf === undefined
          ? `What lies on ${report.disk}: it is in no pool that Tiercel sees.`
          : `Redundancy of pool ${leaf.pool.name}, on which lie ${held(leaf.pool)}.`,
      remedy:
        leaf === undefined
          ? `Look at \`sudo smartctl -a /dev/${report.disk}\` on ${host.name}, and replace the disk.`
          : `Look at \`sudo smartctl -a /dev/${report.disk}\` on ${host.name}. Put in a blank disk that is no smaller and run \`zpool replace ${leaf.pool.name} ${leaf.leaf.name} NEW\` while the old one still answers.`,
    },
  ]
}

function valuesOf({
  reallocated,
  reported,
  pending,
  uncorrectable,
  crc,
  nvme,
  passed,
  used,
  failedTest,
}: SmartReport): Record<string, number | string | boolean> {
  const values = {
    'its own verdict': passed === null ? null : passed ? 'passed' : 'failed',
    'reallocated (5)': reallocated,
    'uncorrectable errors (187)': reported,
    'pending (197)': pending,
    'offline uncorrectable (198)': uncorrectable,
    'transfer errors (199)': crc,
    'critical warning': nvme?.criticalWarning ?? null,
    'media errors': nvme?.mediaErrors ?? null,
    'spare blocks left': nvme === null ? null : percent(nvme.spare),
    'life used': nvme === null ? (used === null ? null : percent(used)) : percent(nvme.used),
    'self-test that failed': failedTest,
  }
  return Object.fromEntries(Object.entries(values).flatMap(([what, value]) => (value === null ? [] : [[what, value]])))
}

/** Virtual disks have no SMART: a host with nothing else misses nothing. */
const virtual = /qemu|vbox|virtual|vmware|xen/i

function withoutProgram(host: AnsweredHost, hint: string): Finding[] {
  const disks = host.observation.machine.disks.last?.value ?? []
  const real = disks.filter(({ name, model }) => /^(sd|hd|nvme)/.test(name) && !virtual.test(model))
  const reading = host.observation.machine.smart
  if (real.length === 0 || reading === null) return []
  return [
    {
      code: 'DISK_SMART',
      severity: 'info',
      subject: host.name,
      place: { kind: 'host', host: host.name },
      summary: `What the ${real.length} disks of ${host.name} tell of themselves is not seen: smartctl is not installed.`,
      evidence: evidenceFrom(reading, host.now, { smartctl: 'not installed' }),
      endangers: '',
      remedy: `On ${host.name}: ${hint === '' ? 'install smartmontools' : hint}`,
    },
  ]
}
