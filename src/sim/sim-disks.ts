import { nothing } from '../adapters/disks/smart-reports.ts'
import { NotPermitted } from '../domain/errors.ts'
import type { Disk } from '../domain/disk.ts'
import type { DeviceCounters, IoSample } from '../domain/disk-io.ts'
import { type Smart, SmartReport } from '../domain/smart.ts'
import { Bytes } from '../domain/units.ts'
import type { SimDisk } from './sim-pool.ts'
import type { SimHostState, SimMachine, World } from './world.ts'

/** The disks of one simulated host, each with one partition for ZFS; what was pulled out is not there. */
export function disksOf(host: SimHostState): Disk[] {
  return present(host).map(({ disk, rotational }) => ({
    name: disk.name,
    model: rotational ? 'SIM 2000GB HDD' : 'SIM 2000GB SSD',
    serial: serialOf(disk),
    size: Bytes.parse(disk.size),
    rotational,
    partitions: [`${disk.name}1`],
    links: { [`disk/by-id/sim-${serialOf(disk)}`]: disk.name },
  }))
}

/** The counters as they stand at a moment: a function of the time. */
export function ioOf(world: World, host: SimHostState): IoSample {
  const up = world.now - host.machine.bootedAt
  return Object.fromEntries(
    present(host).flatMap(({ disk, rotational }) => {
      const counters = countersOf(disk.name, { world, up, rotational }, host.machine)
      return [
        [disk.name, counters],
        [`${disk.name}1`, counters],
      ]
    }),
  )
}

/** What each disk does in a second, and how long it takes for one operation. */
const reads = 40
const writes = 60
const operationSize = 65_536

function countersOf(
  name: string,
  { world, up, rotational }: { world: World; up: number; rotational: boolean },
  { slowDisks }: SimMachine,
): DeviceCounters {
  const slow = slowDisks[name]
  const usual = rotational ? 6 : 0.5
  const took = (rate: number): number =>
    Math.floor(count(rate, up) * usual + (slow === undefined ? 0 : count(rate, world.now - slow.since) * slow.extra))
  return {
    reads: count(reads, up),
    writes: count(writes, up),
    readBytes: count(reads, up) * operationSize,
    writtenBytes: count(writes, up) * operationSize,
    readMs: took(reads),
    writeMs: took(writes),
    busyMs: Math.floor(up * 0.1),
  }
}

/** Operations of a rate in a time of milliseconds. */
const count = (rate: number, elapsed: number): number => Math.floor((elapsed / 1000) * rate)

/** SMART as the executor of the host reads it. */
export function smartOf(host: SimHostState): Omit<Smart, 'first'> {
  if (!host.executor) {
    throw new NotPermitted(
      `nobody with root's rights answers on ${host.name}: SMART is not read`,
      'start the executor on this host: systemctl start tiercel-executor.socket',
    )
  }
  return {
    missing: null,
    reports: present(host).map(({ disk, rotational }) =>
      SmartReport.parse({ ...healthy(disk, rotational), ...host.machine.smartFlaws[disk.name] }),
    ),
  }
}

const healthy = (disk: SimDisk, rotational: boolean): SmartReport => ({
  ...nothing,
  disk: disk.name,
  state: 'read',
  protocol: 'ata',
  model: rotational ? 'SIM 2000GB HDD' : 'SIM 2000GB SSD',
  serial: serialOf(disk),
  passed: true,
  temperature: 34,
  powerOnHours: 12_000,
  reallocated: 0,
  reported: 0,
  pending: 0,
  uncorrectable: 0,
  crc: 0,
})

const serialOf = ({ guid }: SimDisk): string => `SIM${guid.slice(-8)}`

function present(host: SimHostState): { disk: SimDisk; rotational: boolean }[] {
  return host.pools.flatMap(({ name, vdevs, spares }) =>
    [...vdevs.flatMap(({ disks }) => disks), ...spares]
      .filter(({ state }) => state !== 'REMOVED')
      .map((disk) => ({ disk, rotational: name === 'cold-tier' })),
  )
}
