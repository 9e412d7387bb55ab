import * as fc from 'fast-check'
import { counter, instant, text, bytes, share, reading } from './arbitrary-values.ts'

const devices = () =>
  fc.dictionary(
    fc.constantFrom('sda', 'sda1', 'sdb'),
    fc.record({
      readsPerSecond: fc.constantFrom(0, 1, 500),
      writesPerSecond: fc.constantFrom(0, 0.01, 500),
      readBytesPerSecond: bytes,
      writtenBytesPerSecond: bytes,
      readLatency: fc.option(fc.constantFrom(0, 1, 90, 9000)),
      writeLatency: fc.option(fc.constantFrom(0, 1, 90, 9000)),
      busy: share,
    }),
  )
const smartReport = () =>
  fc.record({
    disk: fc.constantFrom('sda', 'sdb', 'sdz'),
    state: fc.constantFrom('read', 'read', 'unsupported', 'standby', 'unreadable'),
    message: text,
    protocol: fc.constantFrom('ata', 'nvme', 'scsi', 'unknown'),
    model: fc.constantFrom('M', 'QEMU HARDDISK'),
    serial: text,
    passed: fc.option(fc.boolean()),
    temperature: fc.option(fc.integer({ min: -20, max: 90 })),
    powerOnHours: fc.option(counter),
    reallocated: fc.option(counter),
    reported: fc.option(counter),
    pending: fc.option(counter),
    uncorrectable: fc.option(counter),
    crc: fc.option(counter),
    failingNow: fc.array(text, { maxLength: 2 }),
    nvme: fc.option(
      fc.record({
        criticalWarning: fc.nat(255),
        mediaErrors: counter,
        spare: share,
        spareThreshold: share,
        used: fc.constantFrom(0, 0.9, 1.2),
      }),
    ),
  })

export const machine = fc.record({
  facts: reading(
    fc.record({
      kernel: fc.constantFrom('6.1.0-41-amd64', '6.12.1'),
      bootedAt: instant,
      userNamespaces: fc.constantFrom(null, true, false),
      memory: fc.record({ total: bytes, available: bytes }),
    }),
  ),
  services: reading(
    fc.record({
      manager: fc.constantFrom('systemd', 'none'),
      units: fc.array(
        fc.record({
          name: fc.constantFrom('ipfs@hot.service', 'cluster.service', 'zfs-zed.service'),
          load: fc.constantFrom('loaded', 'not-found', 'masked'),
          active: fc.constantFrom('active', 'inactive', 'failed', 'activating'),
          sub: fc.constantFrom('running', 'dead', 'auto-restart'),
          result: fc.constantFrom('', 'success', 'oom-kill'),
          restarts: fc.option(fc.nat()),
        }),
        { maxLength: 3 },
      ),
      zed: fc.option(fc.boolean()),
    }),
  ),
  installed: reading(
    fc.record({
      kernels: fc.array(
        fc.record({ release: fc.constantFrom('6.1.0-41-amd64', '6.1.0-100-amd64', 'x'), hasZfs: fc.boolean() }),
        { maxLength: 3 },
      ),
      schedulers: fc.array(
        fc.record({
          name: fc.constantFrom('zfsutils-linux', 'sanoid'),
          place: text,
          does: fc.subarray(['scrub', 'trim', 'snapshot', 'replicate', 'other'], { minLength: 1 }),
        }),
        { maxLength: 3 },
      ),
      hostId: fc.option(fc.constantFrom('9f2a1c07', '00000001')),
    }),
  ),
  disks: reading(
    fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('sda', 'sdb'),
        model: text,
        serial: text,
        size: bytes,
        rotational: fc.option(fc.boolean()),
        partitions: fc.constant(['sda1']),
        links: fc.constantFrom({}, { 'disk/by-id/x y': 'sdb' }),
      }),
      { maxLength: 2, selector: ({ name }) => name },
    ),
  ),
  io: reading(
    fc.record({
      recent: fc.record({ apart: fc.constantFrom(1000, 5000), devices: devices() }),
      window: fc.option(fc.record({ apart: fc.constantFrom(60_000, 600_000), devices: devices() })),
    }),
  ),
  smart: fc.option(
    reading(
      fc.record({
        missing: fc.option(text, { freq: 1 }),
        reports: fc.array(smartReport(), { maxLength: 3 }),
        first: fc.dictionary(
          fc.constantFrom('sda', 'sdb'),
          fc.record({ reallocated: fc.option(counter), crc: fc.option(counter) }),
        ),
      }),
    ),
  ),
  filesystems: reading(
    fc.array(
      fc.record({
        mountpoint: fc.constantFrom('/', '/var'),
        type: fc.constant('ext4'),
        inodes: fc.record({ total: fc.nat(), free: fc.nat() }),
      }),
      { maxLength: 2 },
    ),
  ),
  boot: reading(
    fc.record({
      id: fc.constant('b'),
      previous: fc.option(
        fc.record({ id: fc.constant('a'), ended: fc.constantFrom('clean', 'unclean', 'unknown'), seenAt: instant }),
      ),
    }),
  ),
})
