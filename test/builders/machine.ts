import type { DeviceActivity } from '../../src/domain/disk-io.ts'
import type { MachineObservation } from '../../src/domain/observation.ts'
import type { SmartReport } from '../../src/domain/smart.ts'
import { Bytes, days, type Instant, milliseconds, minutes, seconds } from '../../src/domain/units.ts'
import { before, reading } from './readings.ts'

/** A disk that does a little, and fast. */
export const activity = (changed: Partial<DeviceActivity> = {}): DeviceActivity => ({
  readsPerSecond: 10,
  writesPerSecond: 20,
  readBytesPerSecond: 1e6,
  writtenBytesPerSecond: 2e6,
  readLatency: milliseconds(1),
  writeLatency: milliseconds(1),
  busy: 0.1,
  ...changed,
})

/** What SMART says of a disk that is well. */
export const smartReport = (name: string, changed: Partial<SmartReport> = {}): SmartReport => ({
  disk: name,
  state: 'read',
  message: '',
  protocol: 'ata',
  model: 'M',
  serial: `S-${name}`,
  passed: true,
  temperature: 30,
  powerOnHours: 1000,
  reallocated: 0,
  reported: 0,
  pending: 0,
  uncorrectable: 0,
  crc: 0,
  failingNow: [],
  used: null,
  failedTest: null,
  nvme: null,
  ...changed,
})

/** What a healthy machine says of itself, a second ago. */
export function machineObservation(at: Instant): MachineObservation {
  return {
    facts: reading(
      '/proc',
      {
        kernel: '6.1.0-41-amd64',
        bootedAt: before(at, days(40)),
        userNamespaces: false,
        memory: { total: Bytes.parse(64e9), available: Bytes.parse(24e9) },
      },
      at,
    ),
    services: reading(
      'systemctl show',
      {
        manager: 'systemd',
        units: [
          { name: 'zfs-zed.service', load: 'loaded', active: 'active', sub: 'running', result: 'success', restarts: 0 },
        ],
        zed: true,
      },
      at,
    ),
    installed: reading(
      '/lib/modules',
      {
        kernels: [{ release: '6.1.0-41-amd64', hasZfs: true }],
        schedulers: [],
        hostId: `0000${at.toString(16).slice(-4)}`,
      },
      at,
    ),
    disks: reading(
      '/sys/block',
      ['sda', 'sdb'].map((name) => ({
        name,
        model: 'M',
        serial: `S-${name}`,
        size: Bytes.parse(1e12),
        rotational: false,
        partitions: [`${name}1`],
        links: {},
      })),
      at,
    ),
    io: reading(
      '/proc/diskstats',
      {
        recent: { apart: seconds(5), devices: { sda: activity(), sdb: activity() } },
        window: { apart: minutes(10), devices: { sda: activity(), sdb: activity() } },
      },
      at,
      seconds(5),
    ),
    smart: reading(
      'smartctl',
      { missing: null, reports: ['sda', 'sdb'].map((name) => smartReport(name)), first: {} },
      at,
      minutes(30),
    ),
    filesystems: reading(
      'df',
      [{ mountpoint: '/', type: 'ext4', inodes: { total: 16_777_216, free: 16_257_700 } }],
      at,
    ),
    boot: reading('boot_id', { id: 'b', previous: { id: 'a', ended: 'clean', seenAt: before(at, days(40)) } }, at),
  }
}
