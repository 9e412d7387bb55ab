import type { Pool } from '../domain/pool.ts'
import type { PoolState, PoolStatus, Scan, Vdev, VdevState } from '../domain/pool-status.ts'
import { Bytes, Duration, Instant, Share, shareOf } from '../domain/units.ts'
import { dataBytes, totalUsed } from './space.ts'
import type { SimDisk, SimHostState, SimPool, World } from './world.ts'

export function stateOf(pool: SimPool): PoolState {
  if (pool.suspended) return 'SUSPENDED'
  if (pool.corrupted) return 'FAULTED'
  const state = vdevState(pool)
  return state === 'UNAVAIL' || state === 'DEGRADED' ? state : 'ONLINE'
}

/** The pool as `zpool list` tells it. */
export function poolListing(world: World, host: SimHostState, pool: SimPool): Pool {
  const size = pool.vdev.disks.reduce((sum, disk) => sum + disk.size, 0)
  const raw = pool.vdev.kind === 'mirror' ? size / pool.vdev.disks.length : size
  const allocated = Math.min(raw, Math.round((totalUsed(world, host, pool) / dataBytes(pool)) * raw))
  return {
    name: pool.name,
    guid: pool.guid,
    size: Bytes.parse(raw),
    allocated: Bytes.parse(allocated),
    free: Bytes.parse(raw - allocated),
    capacity: shareOf(allocated, raw),
    fragmentation: Share.parse(pool.fragmentation),
    health: stateOf(pool),
    readonly: false,
  }
}

/** The pool as `zpool status -v` tells it. Without the rights to see them, the damaged files are counted, not named. */
export function poolStatusOf(world: World, host: SimHostState, pool: SimPool): PoolStatus {
  const logReadable = !pool.suspended && !pool.corrupted
  return {
    name: pool.name,
    state: stateOf(pool),
    ...(host.zfs.json ? { guid: pool.guid } : {}),
    ...reasonFor(pool),
    scans: scansOf(world, pool, totalUsed(world, host, pool)),
    vdevs: {
      data: [vdevOf(host, pool)],
      special: [],
      dedup: [],
      log: [],
      cache: [],
      spare: pool.spares.map((spare) => spareOf(host, spare)),
    },
    root: {
      // A suspended pool's own row does not say SUSPENDED (measured on 2.1.11).
      state: pool.corrupted ? 'FAULTED' : vdevState(pool),
      readErrors: 0,
      writeErrors: 0,
      checksumErrors: 0,
      note: pool.corrupted ? 'corrupted data' : '',
    },
    dataErrors: {
      count: logReadable ? pool.damagedFiles.length : null,
      paths: logReadable && host.executor ? [...pool.damagedFiles] : [],
    },
    otherSections: [],
  }
}

function vdevOf(host: SimHostState, pool: SimPool): Vdev {
  const { name, kind, guid, disks } = pool.vdev
  return {
    name,
    kind,
    state: vdevState(pool),
    readErrors: 0,
    writeErrors: 0,
    checksumErrors: 0,
    note: '',
    ...(host.zfs.json ? { guid } : {}),
    children: disks.map((disk, index) => {
      const spare = pool.spares.find(({ standsInFor }) => standsInFor === disk.name)
      const leaf = leafOf(host, disk)
      if (spare === undefined) return leaf
      const children = [leaf, { ...leafOf(host, spare), state: 'ONLINE' as const, note: '' }]
      return { ...leaf, name: `spare-${index}`, kind: 'spare', state: 'DEGRADED', note: '', path: undefined, children }
    }),
  }
}

function leafOf(host: SimHostState, disk: SimDisk): Vdev {
  return {
    name: disk.name,
    kind: 'disk',
    state: disk.state,
    readErrors: disk.readErrors,
    writeErrors: disk.writeErrors,
    checksumErrors: disk.checksumErrors,
    note: disk.note,
    ...(host.zfs.json ? { guid: disk.guid, path: disk.path } : {}),
    children: [],
  }
}

/** Spares have no counts (recorded: 2.1.11, 2.3.2). */
function spareOf(host: SimHostState, spare: SimPool['spares'][number]): Vdev {
  return { ...leafOf(host, spare), readErrors: null, writeErrors: null, checksumErrors: null }
}

function vdevState({ vdev, spares }: SimPool): VdevState {
  const out = vdev.disks.filter(({ state }) => !isThere(state))
  const lost = out.filter(({ name }) => !spares.some(({ standsInFor }) => standsInFor === name)).length
  if (lost > vdev.parity) return 'UNAVAIL'
  return out.length > 0 || vdev.disks.some(({ state }) => state === 'DEGRADED') ? 'DEGRADED' : 'ONLINE'
}

const isThere = (state: VdevState): boolean => state === 'ONLINE' || state === 'DEGRADED'

/** OpenZFS gives one reason only, the worst that it met first (libzfs_status.c); the words are those of 2.1 to 2.3. */
function reasonFor(pool: SimPool): { statusText?: string; action?: string; messageId?: string } {
  const disks = pool.vdev.disks
  const any = (has: (disk: SimDisk) => boolean) => disks.some(has)
  if (pool.suspended) {
    return {
      statusText: 'One or more devices are faulted in response to IO failures.',
      action: "Make sure the affected devices are connected, then run 'zpool clear'.",
      messageId: 'ZFS-8000-HC',
    }
  }
  if (pool.corrupted) {
    return {
      statusText: 'The pool metadata is corrupted and the pool cannot be opened.',
      action: 'Destroy and re-create the pool from a backup source.',
      messageId: 'ZFS-8000-72',
    }
  }
  if (pool.damagedFiles.length > 0) {
    return {
      statusText:
        'One or more devices has experienced an error resulting in data corruption. Applications may be affected.',
      action: 'Restore the file in question if possible. Otherwise restore the entire pool from backup.',
      messageId: 'ZFS-8000-8A',
    }
  }
  if (any(({ state }) => state === 'FAULTED')) {
    return {
      statusText:
        'One or more devices are faulted in response to persistent errors. Sufficient replicas exist for the pool to continue functioning in a degraded state.',
      action: "Replace the faulted device, or use 'zpool clear' to mark the device repaired.",
    }
  }
  if (any(({ state }) => state === 'REMOVED')) {
    return {
      statusText:
        'One or more devices has been removed by the administrator. Sufficient replicas exist for the pool to continue functioning in a degraded state.',
      action: "Online the device using zpool online' or replace the device with 'zpool replace'.",
    }
  }
  if (any(({ readErrors, writeErrors, checksumErrors }) => readErrors + writeErrors + checksumErrors > 0)) {
    return {
      statusText:
        'One or more devices has experienced an unrecoverable error. An attempt was made to correct the error. Applications are unaffected.',
      action:
        "Determine if the device needs to be replaced, and clear the errors using 'zpool clear' or replace the device with 'zpool replace'.",
      messageId: 'ZFS-8000-9P',
    }
  }
  return {}
}

/** The running scrub, or else the last one: a function of the time and of the schedule. */
function scansOf(world: World, { scrubs }: SimPool, used: number): Scan[] {
  const latest = Math.min(world.now, scrubs.stoppedAt ?? world.now)
  if (latest < scrubs.first) return []
  const startedAt = scrubs.first + Math.floor((latest - scrubs.first) / scrubs.every) * scrubs.every
  const endedAt = startedAt + scrubs.takes
  if (world.now >= endedAt) {
    return [
      {
        kind: 'scrub',
        state: 'finished',
        startedAt: instant(startedAt),
        endedAt: instant(endedAt),
        share: Share.parse(1),
        repaired: Bytes.parse(0),
        errors: 0,
      },
    ]
  }
  const share = shareOf(world.now - startedAt, scrubs.takes)
  return [
    {
      kind: 'scrub',
      state: 'in-progress',
      startedAt: instant(startedAt),
      share,
      repaired: Bytes.parse(0),
      scanned: Bytes.parse(Math.floor(used * share)),
      issued: Bytes.parse(Math.floor(used * share)),
      total: Bytes.parse(used),
      timeLeft: Duration.parse(endedAt - world.now),
      errors: null,
    },
  ]
}

/** ZFS tells whole seconds. */
const instant = (at: number): Instant => Instant.parse(Math.floor(at / 1000) * 1000)
