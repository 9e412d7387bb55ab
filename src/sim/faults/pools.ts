import { seconds } from '../../domain/units.ts'
import { hostOf, poolOf } from '../lookup.ts'
import type { SimPool } from '../sim-pool.ts'
import type { World } from '../world.ts'
import type { Expectation, Fault } from './fault.ts'

const poolFault = (
  fault: Pick<Fault, 'name' | 'title' | 'expects'>,
  at: { host: string; pool: string },
  change: Partial<SimPool>,
  healthy: Partial<SimPool>,
): Fault => ({
  ...fault,
  settlesAfter: seconds(0),
  apply: (world) => void Object.assign(poolAt(world, at), change),
  mend: (world) => void Object.assign(poolAt(world, at), healthy),
})

const poolAt = (world: World, { host, pool }: { host: string; pool: string }): SimPool =>
  poolOf(hostOf(world, host), pool)

/** A store whose pool was not there when the host started: neither of its daemons could start. */
const daemonsDown = (store: string): Expectation[] => [
  { code: 'CLUSTER_UNREACHABLE', subject: `${store}/peer` },
  { code: 'PEER_MISSING', subject: `${store}/peer` },
  { code: 'KUBO_UNREACHABLE', subject: `${store}/kubo` },
  { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
]

export const poolSuspended = poolFault(
  {
    name: 'pool-suspended',
    title: 'n3/hot-tier has lost its disks while in use: all I/O waits, and Kubo with it',
    expects: [
      { code: 'POOL_SUSPENDED', subject: 'n3/hot-tier' },
      // Unknown: a suspended pool does not show its list of errors.
      { code: 'POOL_DATA_ERRORS', subject: 'n3/hot-tier' },
      { code: 'KUBO_UNREACHABLE', subject: 'n3/hot/kubo' },
      { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
    ],
  },
  { host: 'n3', pool: 'hot-tier' },
  { suspended: true },
  { suspended: false },
)

export const poolFaulted = poolFault(
  {
    name: 'pool-faulted',
    title: 'n3/cold-tier could not be opened when the host started: its metadata is corrupted',
    expects: [
      { code: 'POOL_FAULTED', subject: 'n3/cold-tier' },
      // Unknown: of a pool that is not open, the errors line is missing.
      { code: 'POOL_DATA_ERRORS', subject: 'n3/cold-tier' },
      ...daemonsDown('n3/cold'),
    ],
  },
  { host: 'n3', pool: 'cold-tier' },
  { corrupted: true },
  { corrupted: false },
)

export const poolMissing = poolFault(
  {
    name: 'pool-missing',
    title: 'n2/hot-tier was not imported when the host started',
    expects: [{ code: 'POOL_MISSING', subject: 'n2/hot-tier' }, ...daemonsDown('n2/hot')],
  },
  { host: 'n2', pool: 'hot-tier' },
  { imported: false },
  { imported: true },
)

export const dataErrors = poolFault(
  {
    name: 'data-errors',
    title: 'n1/warm-tier has lost the only good copy of some files',
    expects: [{ code: 'POOL_DATA_ERRORS', subject: 'n1/warm-tier' }],
  },
  { host: 'n1', pool: 'warm-tier' },
  {
    damagedFiles: [
      '/warm-tier/ipfs-cluster/kubo/blocks/X3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data',
      '/warm-tier/ipfs-cluster/kubo/notes of\ntwo lines.txt',
      'warm-tier/ipfs-cluster/kubo/blocks:<0x12>',
    ],
  },
  { damagedFiles: [] },
)
