import { activityOf } from '../domain/activity.ts'
import { type Disk, diskUnder, lastingName } from '../domain/disk.ts'
import { meanLatency } from '../domain/disk-io.ts'
import { type DiskOfPool, disksIn } from '../domain/health/disks-of-pool.ts'
import { type AnsweredHost, answered, type FleetView } from '../domain/health/view.ts'
import type { SmartReport } from '../domain/smart.ts'
import { smartProblems } from '../domain/smart-problems.ts'
import { bytesText, durationText } from '../domain/text-units.ts'
import { current } from './current.ts'
import type { Item, Noun } from './inventory.ts'

const unknown = '?'

export const disks: Noun = {
  plural: 'disks',
  singular: 'disk',
  description: 'the disks: state, errors, model, SMART and latency',
  example: 'n1/hot-tier/sda',
  restsOn: ({ poolStatus }) => poolStatus,
  header: ['DISK', 'STATE', 'ERRORS', 'SIZE', 'MODEL', 'SERIAL', 'TEMP', 'SMART', 'LATENCY'],
  items: (view) => {
    const leaves = Map.groupBy(disksIn(view), ({ pool }) => pool.host.name)
    return answered(view).flatMap((host) => {
      const ofPools = (leaves.get(host.name) ?? []).map((leaf) => leafItem(view, host, leaf))
      const used = new Set(ofPools.flatMap(({ disk }) => (disk === undefined ? [] : [disk.name])))
      const others = (current(host.observation.machine.disks, host) ?? []).filter(({ name }) => !used.has(name))
      return [
        ...ofPools.map(({ item }) => item),
        ...others.map((disk) => itemOf(view, host, { disk, id: `${host.name}/${disk.name}` })),
      ]
    })
  },
}

function leafItem(view: FleetView, host: AnsweredHost, leaf: DiskOfPool): { item: Item; disk: Disk | undefined } {
  const { disk } = diskUnder(current(host.observation.machine.disks, host) ?? [], leaf.leaf) ?? {}
  return { item: itemOf(view, host, { disk, id: leaf.subject, leaf }), disk }
}

function itemOf(
  view: FleetView,
  host: AnsweredHost,
  { disk, id, leaf }: { disk: Disk | undefined; id: string; leaf?: DiskOfPool },
): Item {
  const report = smartOf(host, disk)
  const activity = activityOf(host, leaf?.leaf ?? { name: disk?.name ?? id })
  const latency = activity === null ? undefined : meanLatency(activity)
  const problems = problemsOf(view, host, report)
  return {
    id,
    cells: [
      id,
      leaf === undefined ? 'no pool' : leaf.leaf.state,
      leaf === undefined ? '-' : errorsText(leaf),
      disk === undefined ? unknown : bytesText(disk.size),
      nameOr(disk?.model, report?.model),
      nameOr(disk?.serial, report?.serial),
      report?.temperature === undefined || report.temperature === null ? '-' : `${report.temperature} °C`,
      verdict(host, report, problems),
      latency === undefined ? unknown : latency === null ? '-' : latencyText(latency),
    ],
    detail: {
      disk: id,
      pool: leaf?.pool.subject ?? null,
      leaf: leaf?.leaf ?? null,
      device: disk === undefined ? null : { ...disk, path: lastingName(disk) ?? `/dev/${disk.name}` },
      smart: report ?? null,
      smartProblems: problems,
      activity,
    },
  }
}

function smartOf(host: AnsweredHost, disk: Disk | undefined): SmartReport | undefined {
  return current(host.observation.machine.smart, host)?.reports.find((report) => report.disk === disk?.name)
}

function problemsOf(view: FleetView, host: AnsweredHost, report: SmartReport | undefined) {
  const first = host.observation.machine.smart?.last?.value.first ?? {}
  return report === undefined
    ? []
    : smartProblems(
        report,
        Object.hasOwn(first, report.disk) ? first[report.disk] : undefined,
        view.fleet.checks.diskSmart,
      )
}

function verdict(host: AnsweredHost, report: SmartReport | undefined, problems: ReturnType<typeof problemsOf>): string {
  if (report === undefined)
    return current(host.observation.machine.smart, host)?.missing === null ? unknown : 'not seen'
  if (report.state !== 'read') return { unsupported: 'has none', standby: 'asleep', unreadable: unknown }[report.state]
  if (problems.some(({ severity }) => severity === 'critical')) return 'FAILING'
  return problems.length > 0 ? 'warning' : 'ok'
}

function errorsText({ leaf }: DiskOfPool): string {
  const counts = [leaf.readErrors, leaf.writeErrors, leaf.checksumErrors]
  if (counts.every((count) => count === null)) return '-'
  const sum = counts.reduce<number>((total, count) => total + (count ?? 0), 0)
  return sum === 0 ? 'none' : counts.map((count) => count ?? unknown).join('+')
}

const nameOr = (...names: (string | undefined)[]): string =>
  names.find((name) => name !== undefined && name !== '') ?? '-'

const latencyText = (latency: ReturnType<typeof meanLatency>): string =>
  latency === null ? '-' : latency < 10 ? `${latency.toFixed(2)} ms` : durationText(latency)
