import { isStale } from '../health/staleness.ts'
import { type PoolOnHost, poolsIn } from '../health/pools-of-host.ts'
import { margins, placedLeaves } from '../health/redundancy.ts'
import { storesOf } from '../health/stores-of-host.ts'
import { answered, type FleetView } from '../health/view.ts'
import { diskUnder } from '../disk.ts'
import { leaves, type PoolStatus, type Vdev, vdevClasses } from '../pool-status.ts'
import { type Member, membersOf } from './member.ts'

/** What can be stopped, or lost. */
export const targetKinds = ['cluster-daemon', 'kubo', 'store', 'pool', 'host', 'disk'] as const
export type TargetKind = (typeof targetKinds)[number]

/** What the loss of some things takes with it. */
export interface Reach {
  /** The peers whose copies are concerned, by the name of their cluster. */
  members: ReadonlyMap<string, readonly Member[]>
  /** Why it is no more than that, or that it may be less, in sentences. */
  notes: string[]
  /** Whether more was assumed than is known: a verdict against it may be wrong. */
  isAssumed: boolean
  /** Why more may be concerned than anybody knows, in words: a verdict for it would be a guess. */
  unseen: string[]
}

/** Every name that there is of one kind: `n1/hot`, `n1/hot-tier`, `n1`, `n1/hot-tier/sda`. */
export function targetNames(view: FleetView, kind: TargetKind): string[] {
  if (kind === 'host') return view.fleet.hosts.map(({ name }) => name)
  const pools = poolsIn(view)
  if (kind === 'pool') {
    return unique([...everyMember(view).flatMap((member) => member.pools), ...pools.map(({ subject }) => subject)])
  }
  if (kind === 'disk') {
    return unique(
      pools.flatMap(({ subject, status }) =>
        status === undefined ? [] : placedLeaves(status).map(({ leaf }) => `${subject}/${leaf.name}`),
      ),
    )
  }
  return everyMember(view).flatMap(({ host, called }) => (host === undefined ? [] : [called]))
}

/** Whose copies are concerned when all of these are gone at once; the names are of {@link targetNames}. */
export function reachOf(view: FleetView, kind: TargetKind, names: readonly string[]): Reach {
  if (kind === 'cluster-daemon') {
    const note = 'A Cluster daemon alone costs no copy: Kubo goes on to serve what it has.'
    return { members: new Map(), notes: [note], isAssumed: false, unseen: [] }
  }
  const disks = kind === 'disk' ? lostPools(view, names) : undefined
  const lost = disks?.pools ?? (kind === 'pool' ? names : [])
  const concerns = (member: Member): boolean => {
    if (kind === 'host') return member.host !== undefined && names.includes(member.host)
    if (kind === 'pool' || kind === 'disk') return member.pools.some((pool) => lost.includes(pool))
    return member.host !== undefined && names.includes(member.called)
  }
  const direct = everyMember(view).filter(concerns)
  const kubos = new Set(direct.flatMap(({ kubo }) => kubo ?? []))
  const members = new Map(
    view.fleet.clusters.flatMap(({ name }) => {
      // Who pins into a Kubo that is gone has lost its copies too, wherever it is.
      const some = membersOf(view, name).filter(
        (member) => concerns(member) || (member.kubo !== undefined && kubos.has(member.kubo)),
      )
      return some.length === 0 ? [] : [[name, some] as const]
    }),
  )
  const unknown = [...members.values()]
    .flat()
    .flatMap(({ called, doubt }) => (doubt === undefined ? [] : [`${called}: ${doubt}`]))
  const hosts = new Set(direct.map(({ host }) => host))
  const perhaps = everyMember(view).flatMap((member) =>
    member.host !== undefined && member.kubo === undefined && hosts.has(member.host) && !concerns(member)
      ? [`${member.called}: nobody knows into which Kubo it pins, and that may be one that is concerned`]
      : [],
  )
  const unseen = [...perhaps, ...(kind === 'host' ? unseenOn(view, names) : unseenOnPools(view, lost)), ...unknown]
  const shared = [...members.values()].flat().filter((member) => !concerns(member))
  return {
    members,
    notes: [
      ...(disks?.notes ?? []),
      ...shared.map(({ called }) => `${called} pins into a Kubo that is concerned.`),
      ...(members.size === 0 && disks === undefined && unseen.length === 0
        ? ['No store of a cluster is concerned.']
        : []),
    ],
    isAssumed: disks?.isAssumed ?? false,
    unseen,
  }
}

/** What of the stores on these hosts cannot be known: a host of which nothing is declared can hold anything. */
function unseenOn(view: FleetView, hosts: readonly string[]): string[] {
  return hosts.flatMap((host) => {
    const { isSilent, stores } = declaredOn(view, host)
    if (stores.length > 0) return stores.flatMap((store) => unknownCluster(view, host, store))
    return isSilent
      ? [`${host} does not answer, and the fleet file declares no store of it`]
      : [`no store of ${host} is declared, in the fleet file or in its agent.yaml, so nobody knows what it holds`]
  })
}

/** The same, of what lies on these pools. */
function unseenOnPools(view: FleetView, pools: readonly string[]): string[] {
  return pools.flatMap((pool) => {
    const [host = ''] = pool.split('/', 1)
    const { stores } = declaredOn(view, host)
    if (stores.length === 0) return unseenOn(view, [host])
    return stores.flatMap((store) => {
      if (store.pools.length === 0) return [`no file says on which pool ${host}/${store.name} lies`]
      return store.pools.some((name) => `${host}/${name}` === pool) ? unknownCluster(view, host, store) : []
    })
  })
}

interface Declared {
  name: string
  cluster: string
  pools: readonly string[]
}

/** The stores of a host, by the fleet file and, where it answers, by its own. */
function declaredOn(view: FleetView, name: string): { isSilent: boolean; stores: readonly Declared[] } {
  const host = answered(view).find((one) => one.name === name)
  if (host !== undefined) return { isSilent: false, stores: storesOf(host) }
  const stores = view.fleet.hosts.find((one) => one.name === name)?.stores ?? []
  return {
    isSilent: true,
    stores: stores.map((store) => ({ ...store, pools: store.pool === undefined ? [] : [store.pool] })),
  }
}

/** Pins of a cluster that the fleet file does not have are asked about nowhere. */
function unknownCluster(view: FleetView, host: string, { name, cluster }: Declared): string[] {
  return view.fleet.clusters.some((known) => known.name === cluster)
    ? []
    : [`${host}/${name} is of cluster ${cluster}, which the fleet file does not declare`]
}

/** The pools that are lost with some disks: those whose vdevs cannot do without all of them at once. */
function lostPools(
  view: FleetView,
  names: readonly string[],
): { pools: string[]; notes: string[]; isAssumed: boolean } {
  const lost: { pools: string[]; notes: string[]; isAssumed: boolean } = { pools: [], notes: [], isAssumed: false }
  const pools = poolsIn(view)
  const isNamed = ({ subject }: PoolOnHost, leaf: Vdev) => names.includes(`${subject}/${leaf.name}`)
  const disks = new Set(
    pools.flatMap((pool) =>
      leavesOf(pool).flatMap((leaf) => (isNamed(pool, leaf) ? [`${pool.host.name}/${diskOf(pool, leaf)}`] : [])),
    ),
  )
  for (const pool of pools) {
    const { subject, status } = pool
    if (status === undefined) continue
    // A disk with partitions in several pools is gone from all of them.
    const gone = leavesOf(pool).flatMap((leaf) =>
      isNamed(pool, leaf) || disks.has(`${pool.host.name}/${diskOf(pool, leaf)}`) ? [leaf.name] : [],
    )
    if (gone.length === 0) continue
    const answer = withoutDisks(status, gone)
    const isOld = isUncertain(pool)
    const called = gone.length === 1 ? `disk ${gone[0]}` : `disks ${gone.join(', ')}`
    if (answer === 'lost') {
      lost.pools.push(subject)
      lost.notes.push(`${subject} cannot do without ${called}: all of the pool counts as gone.`)
    } else if (answer === 'unknown' || isOld) {
      lost.pools.push(subject)
      lost.isAssumed = true
      lost.notes.push(
        `It is not known whether ${subject} can do without ${called}: the whole pool is assumed to be gone.`,
      )
    } else {
      lost.notes.push(`${subject} can do without ${called}: that costs no copy.`)
    }
  }
  return lost
}

const leavesOf = ({ status }: PoolOnHost): Vdev[] =>
  status === undefined ? [] : leaves(vdevClasses.flatMap((name) => status.vdevs[name]))

/** The disk of a leaf, as the kernel calls it; where the disks were not seen, by the path without its partition. */
function diskOf({ host }: PoolOnHost, leaf: Vdev): string {
  const found = diskUnder(host.observation.machine.disks.last?.value ?? [], leaf)
  return found?.disk.name ?? (leaf.path ?? leaf.name).replace(/^\/dev\//, '').replace(partition, '')
}

/** `sda1`, `nvme0n1p1`, `disk/by-id/…-part1`. */
const partition = /-part\d+$|(?<=^(?:sd|vd|hd|xvd)[a-z]+)\d+$|(?<=^(?:nvme\d+n|mmcblk)\d+)p\d+$/

/** What comes of a pool without some of its leaves, by name. */
export function withoutDisks(status: PoolStatus, gone: readonly string[]): 'kept' | 'lost' | 'unknown' {
  const without = structuredClone(status)
  for (const leaf of leaves(vdevClasses.flatMap((name) => without.vdevs[name]))) {
    if (gone.includes(leaf.name)) leaf.state = 'REMOVED'
  }
  const left = margins(without)
  if (left.some((margin) => margin.left < 0 && margin.isCertain)) return 'lost'
  return left.every(({ isCertain }) => isCertain) ? 'kept' : 'unknown'
}

function isUncertain({ host }: PoolOnHost): boolean {
  const reading = host.observation.zfs?.poolStatus
  return reading === undefined || reading.trouble !== null || isStale(reading, host.now)
}

const everyMember = (view: FleetView): Member[] => view.fleet.clusters.flatMap(({ name }) => membersOf(view, name))

const unique = (names: readonly string[]): string[] => [...new Set(names)]
