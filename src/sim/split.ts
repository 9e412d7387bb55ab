import { membersWith } from './allocate.ts'
import { clusterOf, membersOf, NotInWorld, recordEffect } from './lookup.ts'
import { isInKubo, kuboState } from './pin-view.ts'
import { dropPin, pinOf, type Pinset, putPin } from './pinset.ts'
import { actOn, newHolder } from './trackers.ts'
import type { SimCluster, SimHolder, SimPin, SimSide, World } from './world.ts'

// A cluster whose peers see each other in groups only, and what becomes of its pinset when they meet again. The rules are
// those of ipfs-cluster 1.1.6 with go-ds-crdt 0.6.8, measured on four peers.

/**
 * Splits a cluster: each group (declared peer IDs) goes on with its own copy of the pinset. Peers in no group make one more.
 * Throws NotInWorld for peers that the cluster does not have.
 */
export function splitCluster(world: World, name: string, groups: readonly (readonly string[])[]): void {
  const cluster = clusterOf(world, name)
  const known = membersOf(world, name).map(({ store }) => store.peer.declaredId)
  const named = groups.flat()
  const stranger = named.find((peer, at) => !known.includes(peer) || named.indexOf(peer) !== at)
  if (stranger !== undefined) throw new NotInWorld(`the cluster ${name} has no peer ${stranger}, or it is named twice`)
  const rest = known.filter((peer) => !named.includes(peer))
  const all = [...groups, rest].filter((peers) => peers.length > 0)
  if (cluster.split !== null) healCluster(world, name)
  const { height } = cluster
  cluster.split = {
    since: world.now,
    height,
    sides: all.map((peers) => ({ peers: [...peers], height, pins: {}, removed: {}, tombstones: [] })),
  }
  recordEffect(world, 'cluster split', name)
}

/**
 * Lets all peers meet again. Of writes to one CID the one at the greater height stays, later or not; a deletion loses to a
 * write that it did not know of; and where a deletion arrives for a pin that stays, its holders have unpinned it and do not
 * notice (`unexpectedly_unpinned`) until they recover.
 */
export function healCluster(world: World, name: string): void {
  const cluster = clusterOf(world, name)
  const { split } = cluster
  if (split === null) return
  const cids = new Set(
    split.sides.flatMap(({ pins, removed, tombstones }) => [
      ...Object.keys(pins),
      ...Object.keys(removed),
      ...tombstones,
    ]),
  )
  const meetings = [...cids].map((cid) => ({
    cid,
    sides: split.sides.map((side) => ({ side, before: pinOf({ world, cluster, side }, cid) })),
  }))
  cluster.split = null
  cluster.height = Math.max(...split.sides.map(({ height }) => height))
  for (const meeting of meetings) mergePin(world, cluster, { ...meeting, heightAtSplit: split.height })
  recordEffect(world, 'cluster healed', name)
}

interface Meeting {
  cid: string
  sides: { side: SimSide; before: SimPin | undefined }[]
  heightAtSplit: number
}

function mergePin(world: World, cluster: SimCluster, { cid, sides, heightAtSplit }: Meeting): void {
  const whole: Pinset = { world, cluster, side: undefined }
  const winner = sides
    .filter(({ before }) => before !== undefined && before.height > heightAtSplit)
    .reduce<(typeof sides)[number] | undefined>((best, one) => {
      return best?.before === undefined || (one.before !== undefined && beats(one.before, best.before)) ? one : best
    }, undefined)
  const isDeleted = winner === undefined && sides.some(({ side }) => side.removed[cid] === true)
  // Neither written nor deleted: only what became of its copies differs.
  const record = isDeleted ? undefined : (winner ?? sides[0])?.before
  const holders: SimHolder[] = []
  for (const { side, before } of sides) {
    const isTombstoned = sides.some((other) => other.side !== side && other.side.tombstones.includes(cid))
    const isOwn = winner === undefined || winner.side === side
    const members = membersWith({ world, cluster, side })
    if (!isOwn || isDeleted) actOn(world, cluster, { cid, before, after: record, on: members })
    for (const { peer } of record?.holders ?? []) {
      const member = members.find(({ store }) => store.peer.id === peer)
      if (member === undefined || record === undefined) continue
      const held = before?.holders.find((holder) => holder.peer === peer)
      const wasThere = !isTombstoned && before !== undefined && isInKubo(world, before, member.store)
      const kuboAnswers = kuboState(member.host, member.store) === 'answers'
      if (!isOwn || held === undefined) {
        holders.push(newHolder(world, peer, { size: record.size, kuboAnswers, wasThere }))
      } else {
        holders.push(isTombstoned && kuboAnswers ? { ...held, lostAt: world.now } : held)
      }
    }
  }
  dropPin(whole, cid)
  if (record !== undefined) putPin(whole, { ...record, holders: inOrder(record, holders) })
}

/** The order of holders is that of the record. A holder that no side knows stays as the record has it. */
const inOrder = (record: SimPin, holders: readonly SimHolder[]): SimHolder[] =>
  record.holders.map((holder) => holders.find(({ peer }) => peer === holder.peer) ?? holder)

/** The greater height; at the same height, the greater bytes. */
function beats(one: SimPin, other: SimPin): boolean {
  if (one.height !== other.height) return one.height > other.height
  return bytesOf(one) > bytesOf(other)
}

const bytesOf = ({ holders, ...record }: SimPin): string =>
  JSON.stringify({ ...record, holders: holders.map(({ peer }) => peer) })
