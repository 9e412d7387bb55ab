import * as fc from 'fast-check'
import { PoolState, type Vdev, VdevKind, VdevState } from '../../src/domain/pool-status.ts'
import { counter, instant, text, bytes, share, poolName, reading, optional } from './arbitrary-values.ts'

const row = {
  name: fc.constantFrom('sda', 'sdb', '/dev/disk/by-id/x y', '1234567890'),
  kind: fc.constantFrom(...VdevKind.options),
  state: fc.oneof(fc.constant('ONLINE' as const), fc.constantFrom(...VdevState.options)),
  readErrors: fc.option(counter),
  writeErrors: fc.option(counter),
  checksumErrors: fc.option(counter),
  note: text,
}
const { vdev } = fc.letrec<{ vdev: Vdev }>((tie) => ({
  vdev: fc.record({
    ...row,
    name: fc.oneof(row.name, fc.constantFrom('mirror-0', 'raidz2-0', 'draid1:2d:4c:1s-0', 'replacing-1')),
    children: fc.oneof({ maxDepth: 2 }, fc.constant<Vdev[]>([]), fc.array(tie('vdev'), { maxLength: 3 })),
  }),
}))

const scan = fc.record({
  kind: fc.constantFrom('scrub', 'resilver', 'rebuild', 'error-scrub'),
  state: fc.constantFrom('in-progress', 'paused', 'finished', 'canceled'),
  startedAt: optional(instant),
  endedAt: optional(instant),
  pausedAt: optional(instant),
  share: optional(share),
  errors: fc.option(counter),
})

const poolState = fc.oneof(fc.constant('ONLINE' as const), fc.constantFrom(...PoolState.options))
const vdevs = fc.array(vdev, { maxLength: 2 })
const poolStatus = fc.record({
  name: poolName,
  state: poolState,
  statusText: optional(text),
  messageId: optional(fc.constantFrom('ZFS-8000-8A', 'ZFS-8000-9P')),
  scans: fc.array(scan, { maxLength: 3 }),
  vdevs: fc.record({ data: vdevs, special: vdevs, dedup: vdevs, log: vdevs, cache: vdevs, spare: vdevs }),
  root: fc.record({ ...row, state: fc.oneof(poolState, row.state) }),
  dataErrors: fc.record({ count: fc.option(counter), paths: fc.array(text, { maxLength: 12 }) }),
  otherSections: fc.constant([]),
})

const pool = fc.record({
  name: poolName,
  guid: fc.constant('1'),
  size: bytes,
  allocated: bytes,
  free: bytes,
  capacity: share,
  fragmentation: fc.option(share),
  health: poolState,
  readonly: fc.boolean(),
  vdevs: fc.array(
    fc.record({
      name: fc.constantFrom('mirror-0', 'mirror-2', '/dev/disk/by-id/x y'),
      class: fc.constantFrom('data', 'special', 'dedup', 'log'),
      size: bytes,
      allocated: bytes,
      free: bytes,
      fragmentation: fc.option(share),
    }),
    { maxLength: 2 },
  ),
})
const dataset = fc.record({
  name: fc.oneof(
    poolName,
    poolName.map((name) => `${name}/ipfs-cluster`),
  ),
  guid: fc.constant('2'),
  type: fc.constantFrom('filesystem', 'volume'),
  used: bytes,
  available: bytes,
  referenced: bytes,
  quota: fc.option(bytes),
  refquota: fc.option(bytes),
  usedBySnapshots: bytes,
  mountpoint: fc.option(fc.constantFrom('none', 'legacy', '/hot')),
  mounted: fc.option(fc.boolean()),
  canmount: fc.option(fc.constantFrom('on', 'off', 'noauto')),
  keyStatus: fc.option(fc.constantFrom('available', 'unavailable')),
  encryptionRoot: fc.option(poolName),
})
const arcSample = fc.record({
  hits: counter,
  misses: counter,
  iohits: counter,
  size: bytes,
  target: bytes,
  minimum: bytes,
  maximum: bytes,
})
export const zfs = fc.record({
  version: reading(fc.constant({ userland: '2.1.11', module: null, features: { json: false, vdevProperties: false } })),
  privileges: reading(fc.constant({ by: 'executor' })),
  poolStates: reading(fc.dictionary(poolName, poolState)),
  poolStatus: reading(fc.uniqueArray(poolStatus, { maxLength: 3, selector: ({ name }) => name })),
  pools: reading(fc.uniqueArray(pool, { maxLength: 3, selector: ({ name }) => name })),
  datasets: reading(
    fc.record({
      kept: fc.uniqueArray(dataset, { maxLength: 4, selector: ({ name }) => name }),
      total: fc.nat(),
      cutBelow: fc.array(poolName, { maxLength: 1 }),
    }),
  ),
  errorHistory: reading(
    fc.record({
      samples: fc.array(
        fc.record({
          at: instant,
          counts: fc.dictionary(
            fc.constantFrom('hot-tier/sda', 'cold tier/sdb'),
            fc.record({ errors: counter, slowIos: counter }),
          ),
        }),
        { maxLength: 4 },
      ),
    }),
  ),
  arc: reading(fc.record({ before: arcSample, after: arcSample, apart: fc.constantFrom(0, 1000, 5000) })),
})
