import type { PoolStatus, Vdev } from '../../src/domain/pool-status.ts'
import { days, hours, type Instant, milliseconds } from '../../src/domain/units.ts'
import { now, before } from './readings.ts'

export function disk(name: string, row: Partial<Vdev> = {}): Vdev {
  return {
    name,
    kind: 'disk',
    state: 'ONLINE',
    readErrors: 0,
    writeErrors: 0,
    checksumErrors: 0,
    note: '',
    children: [],
    ...row,
  }
}

export function group(name: string, kind: Vdev['kind'], children: Vdev[], row: Partial<Vdev> = {}): Vdev {
  return { ...disk(name), kind, children, ...row }
}

/** A healthy pool that was scrubbed ten days ago. */
export function poolStatus(name: string, data: Vdev[], at: Instant = now): PoolStatus {
  return {
    name,
    state: 'ONLINE',
    scans: [
      {
        kind: 'scrub',
        state: 'finished',
        startedAt: before(at, days(10)),
        endedAt: before(at, milliseconds(days(10) - hours(2))),
        extent: 'whole',
        errors: 0,
      },
    ],
    vdevs: { data, special: [], dedup: [], log: [], cache: [], spare: [] },
    root: { state: 'ONLINE', readErrors: 0, writeErrors: 0, checksumErrors: 0, note: '' },
    dataErrors: { count: 0, paths: [] },
    otherSections: [],
  }
}
