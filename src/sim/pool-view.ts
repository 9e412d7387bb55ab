import type { Pool, VdevSpace } from '../domain/pool.ts'
import type { PoolState, PoolStatus, Vdev, VdevState } from '../domain/pool-status.ts'
import { Bytes, Share, shareOf } from '../domain/units.ts'
import { damagedFilesOf, isResilvering, scansOf } from './scan-view.ts'
import type { SimDisk, SimPool, SimVdev } from './sim-pool.ts'
import { dataBytes, rawBytes, totalUsed } from './space.ts'
import type { SimHostState, World } from './world.ts'

export function stateOf(pool: SimPool): PoolState {
  if (pool.suspended) return 'SUSPENDED'
  if (pool.corrupted) return 'FAULTED'
  return rootState(pool)
}

/** The pool's own row: that of its worst vdev. */
function rootState(pool: SimPool): 'ONLINE' | 'DEGRADED' | 'UNAVAIL' {
  const states = pool.vdevs.map((vdev) => vdevState(vdev, pool))
  return states.includes('UNAVAIL') ? 'UNAVAIL' : states.includes('DEGRADED') ? 'DEGRADED' : 'ONLINE'
}

/** The pool as `zpool list` tells it. */
export function poolListing(world: World, host: SimHostState, pool: SimPool): Pool {
  const raw = pool.vdevs.filter((vdev) => vdev.class === 'data').reduce((sum, vdev) => sum + rawBytes(vdev), 0)
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
    readonly: pool.readonly,
    vdevs: pool.corrupted ? [] : pool.vdevs.map((vdev) => spaceOf(vdev, shareOf(allocated, raw))),
  }
}

/** Data is spread over its vdevs alike; what lies on the others is written down. */
function spaceOf(vdev: SimVdev, fill: number): VdevSpace {
  const size = rawBytes(vdev)
  const allocated = Math.round(size * (vdev.class === 'data' ? fill : vdev.fill))
  return {
    name: vdev.name,
    class: vdev.class,
    size: Bytes.parse(size),
    allocated: Bytes.parse(allocated),
    free: Bytes.parse(size - allocated),
    fragmentation: null,
  }
}

/** The pool as `zpool status -v` tells it. Without the rights to see them, the damaged files are counted, not named. */
export function poolStatusOf(world: World, host: SimHostState, pool: SimPool): PoolStatus {
  const damagedFiles = damagedFilesOf(world, pool)
  const logReadable = !pool.suspended && !pool.corrupted
  return {
    name: pool.name,
    state: stateOf(pool),
    ...(host.zfs.json ? { guid: pool.guid } : {}),
    ...reasonFor(world, pool),
    scans: scansOf(world, pool, { used: totalUsed(world, host, pool), json: host.zfs.json }),
    vdevs: {
      data: vdevsOf(host, pool, 'data'),
      special: vdevsOf(host, pool, 'special'),
      dedup: [],
      log: [],
      cache: [],
      spare: pool.spares.map((spare) => spareOf(host, spare)),
    },
    root: {
      // A suspended pool's own row does not say SUSPENDED (measured on 2.1.11).
      state: pool.corrupted ? 'FAULTED' : rootState(pool),
      readErrors: 0,
      writeErrors: 0,
      checksumErrors: 0,
      note: pool.corrupted ? 'corrupted data' : '',
    },
    dataErrors: {
      count: logReadable ? damagedFiles.length : null,
      paths: logReadable && host.executor ? damagedFiles : [],
    },
    otherSections: [],
  }
}

const vdevsOf = (host: SimHostState, pool: SimPool, name: SimVdev['class']): Vdev[] =>
  pool.vdevs.filter((vdev) => vdev.class === name).map((vdev) => vdevOf(host, vdev, pool))

function vdevOf(host: SimHostState, vdev: SimVdev, pool: SimPool): Vdev {
  const children = vdev.disks.map((disk, index): Vdev => {
    const spare = pool.spares.find(({ standsInFor }) => standsInFor === disk.name)
    const replacement = vdev.replacements.find(({ of }) => of === disk.name)
    const nest = (kind: 'spare' | 'replacing', guid: string, beside: Vdev): Vdev => ({
      ...groupOf(host, { kind, guid }),
      name: `${kind}-${index}`,
      state: isThere(disk.state) ? 'ONLINE' : 'DEGRADED',
      children: [leafOf(host, disk), beside],
    })
    if (spare !== undefined) return nest('spare', spare.guid, { ...leafOf(host, spare), state: 'ONLINE', note: '' })
    return replacement === undefined
      ? leafOf(host, disk)
      : nest('replacing', replacement.guid, leafOf(host, replacement.disk))
  })
  return { ...groupOf(host, vdev), name: vdev.name, state: vdevState(vdev, pool), children }
}

const groupOf = (host: SimHostState, { kind, guid }: { kind: Vdev['kind']; guid: string }) => ({
  kind,
  readErrors: 0,
  writeErrors: 0,
  checksumErrors: 0,
  note: '',
  ...(host.zfs.json ? { guid } : {}),
})

const leafOf = (host: SimHostState, disk: SimDisk): Vdev => ({
  name: disk.name,
  kind: 'disk',
  state: disk.state,
  readErrors: disk.readErrors,
  writeErrors: disk.writeErrors,
  checksumErrors: disk.checksumErrors,
  note: disk.note,
  ...(host.zfs.json ? { guid: disk.guid, path: disk.path } : {}),
  children: [],
})

/** Spares have no counts (recorded: 2.1.11, 2.3.2). */
const spareOf = (host: SimHostState, spare: SimDisk): Vdev => ({
  ...leafOf(host, spare),
  readErrors: null,
  writeErrors: null,
  checksumErrors: null,
})

/** A place whose disk is gone and that another one holds is there, but not well. */
function vdevState({ disks, replacements, parity }: SimVdev, { spares }: SimPool): 'ONLINE' | 'DEGRADED' | 'UNAVAIL' {
  const gone = disks.filter(({ state }) => !isThere(state))
  const lost = gone.filter(
    ({ name }) =>
      !spares.some(({ standsInFor }) => standsInFor === name) &&
      !replacements.some(({ of, disk }) => of === name && isThere(disk.state)),
  )
  if (lost.length > parity) return 'UNAVAIL'
  return gone.length > 0 || disks.some(({ state }) => state === 'DEGRADED') ? 'DEGRADED' : 'ONLINE'
}

const isThere = (state: VdevState): boolean => state === 'ONLINE' || state === 'DEGRADED'

/** OpenZFS gives one reason only, the worst that it met first (libzfs_status.c); the words are those of 2.1 to 2.3. */
function reasonFor(world: World, pool: SimPool): { statusText?: string; messageId?: string } {
  const disks = pool.vdevs.flatMap((vdev) => vdev.disks)
  const goesOn = 'Sufficient replicas exist for the pool to continue functioning in a degraded state.'
  const reasons: { if: boolean; statusText: string; messageId?: string }[] = [
    {
      if: pool.suspended,
      statusText: 'One or more devices are faulted in response to IO failures.',
      messageId: 'ZFS-8000-HC',
    },
    {
      if: pool.corrupted,
      statusText: 'The pool metadata is corrupted and the pool cannot be opened.',
      messageId: 'ZFS-8000-72',
    },
    {
      if: damagedFilesOf(world, pool).length > 0,
      statusText:
        'One or more devices has experienced an error resulting in data corruption. Applications may be affected.',
      messageId: 'ZFS-8000-8A',
    },
    {
      if: disks.some(({ state }) => state === 'FAULTED'),
      statusText: `One or more devices are faulted in response to persistent errors. ${goesOn}`,
    },
    {
      if: disks.some(({ state }) => state === 'REMOVED'),
      statusText: `One or more devices have been removed. ${goesOn}`,
    },
    {
      if: disks.some(({ readErrors, writeErrors, checksumErrors }) => readErrors + writeErrors + checksumErrors > 0),
      statusText:
        'One or more devices has experienced an unrecoverable error. An attempt was made to correct the error. Applications are unaffected.',
      messageId: 'ZFS-8000-9P',
    },
    {
      if: isResilvering(world, pool),
      statusText:
        'One or more devices is currently being resilvered. The pool will continue to function, possibly in a degraded state.',
    },
    {
      if: pool.hostIdDiffers === true,
      statusText:
        'Mismatch between pool hostid and system hostid on imported pool. This pool was previously imported into a system with a different hostid, and then was verbatim imported into this system.',
      messageId: 'ZFS-8000-EY',
    },
    {
      if: pool.featuresDisabled,
      statusText:
        'Some supported and requested features are not enabled on the pool. The pool can still be used, but some features are unavailable.',
    },
  ]
  const { if: _, ...reason } = reasons.find((one) => one.if) ?? { if: false }
  return reason
}
