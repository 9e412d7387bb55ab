import { seconds } from '../../domain/units.ts'
import { hostOf, poolOf } from '../lookup.ts'
import type { SimPool } from '../sim-pool.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

const poolWithSpare = (world: World, host: string): SimPool => poolOf(hostOf(world, host), 'cold-tier')

function addSpare(pool: SimPool, change: Partial<SimPool['spares'][number]>): void {
  const disk = pool.vdevs[0]?.disks[0]
  if (disk === undefined) return
  pool.spares.push({
    ...disk,
    name: 'sdz',
    path: '/dev/sdz1',
    guid: '6148914691236517205',
    state: 'AVAIL',
    standsInFor: null,
    ...change,
  })
}

export const spareInUse: Fault = {
  name: 'spare-in-use',
  title: 'A disk of n2/cold-tier has failed, and a spare has taken its place',
  expects: [
    { code: 'POOL_DEGRADED', subject: 'n2/cold-tier' },
    { code: 'DISK_FAULTED', subject: 'n2/cold-tier/sdi' },
    { code: 'SPARE_IN_USE', subject: 'n2/cold-tier/sdz' },
  ],
  settlesAfter: seconds(0),
  apply: (world) => {
    const pool = poolWithSpare(world, 'n2')
    for (const disk of pool.vdevs[0]?.disks ?? []) if (disk.name === 'sdi') disk.state = 'FAULTED'
    addSpare(pool, { state: 'INUSE', note: 'currently in use', standsInFor: 'sdi' })
  },
  mend: (world) => {
    const pool = poolWithSpare(world, 'n2')
    for (const disk of pool.vdevs[0]?.disks ?? []) if (disk.name === 'sdi') disk.state = 'ONLINE'
    pool.spares = []
  },
}

export const spareUnusable: Fault = {
  name: 'spare-unusable',
  title: 'The spare of n3/cold-tier cannot be opened',
  expects: [{ code: 'SPARE_UNUSABLE', subject: 'n3/cold-tier/sdz' }],
  settlesAfter: seconds(0),
  apply: (world) => addSpare(poolWithSpare(world, 'n3'), { state: 'UNAVAIL', note: 'cannot open' }),
  mend: (world) => {
    poolWithSpare(world, 'n3').spares = []
  },
}
