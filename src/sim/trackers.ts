import type { Member } from './allocate.ts'
import { clusterState, isInKubo, kuboState, leftoversOf, statusOf } from './pin-view.ts'
import type { SimCluster, SimHolder, SimPin, SimStore, World } from './world.ts'

// What the peers do about their Kubos when a pin is written or deleted (ipfs-cluster 1.1.6, `pintracker/stateless`): who is
// to hold it queues it, who is not unpins it at once. Nothing coordinates them: old holders are done before new ones begin.

const MiB = 2 ** 20
const refused = 'dial tcp 127.0.0.1: connect: connection refused'

/** Half a second in the queue, then 100 MiB a second; nothing is fetched that is pinned already. */
export function newHolder(
  world: World,
  peer: string,
  about: { size: number; kuboAnswers: boolean; wasThere: boolean; attempts?: number },
): SimHolder {
  const startsAt = world.now + 500
  return {
    peer,
    queuedAt: world.now,
    startsAt,
    doneAt: about.wasThere ? startsAt : startsAt + Math.ceil((about.size / (100 * MiB)) * 1000),
    wasThere: about.wasThere,
    attempts: about.attempts ?? 0,
    failure: about.kuboAnswers ? null : { at: world.now, error: refused, attempts: 1 },
    lostAt: null,
  }
}

/** A holder after the pin was written again: what is being fetched goes on, all else passes through the queue. */
export function heldAgain(
  world: World,
  cluster: SimCluster,
  to: { peer: string; size: number; member: Member | undefined; before: SimPin | undefined; cid: string },
): SimHolder {
  const { peer, size, member, before, cid } = to
  const held = before?.holders.find((holder) => holder.peer === peer)
  if (held !== undefined && ['pin_queued', 'pinning'].includes(statusOf(held, world.now, cluster.recoverEvery))) {
    return held
  }
  return newHolder(world, peer, {
    size,
    kuboAnswers: member !== undefined && kuboState(member.host, member.store) === 'answers',
    wasThere: member !== undefined && hasInKubo(world, member.store, { cid, pin: before }),
  })
}

/** Lets peers act on what a pin has become; `after` is undefined where it was deleted. */
export function actOn(
  world: World,
  cluster: SimCluster,
  change: { cid: string; before: SimPin | undefined; after: SimPin | undefined; on: readonly Member[] },
): void {
  const { cid, before, after, on } = change
  for (const { host, store } of on) {
    const had = hasInKubo(world, store, { cid, pin: before })
    forget(cluster, store, cid)
    if (!had || after?.holders.some(({ peer }) => peer === store.peer.id) === true) continue
    const isDown = clusterState(host, store) !== 'answers'
    if (!isDown && kuboState(host, store) === 'answers') continue
    cluster.leftovers.push({
      peer: store.peer.declaredId,
      cid,
      size: before?.size ?? 0,
      at: world.now,
      error: isDown ? null : refused,
      attempts: isDown ? 0 : 1,
    })
  }
}

/** A peer's Kubo is made to have no pin of its own on a CID: whoever pinned it, a write of the Cluster takes it over. */
function forget(cluster: SimCluster, store: SimStore, cid: string): void {
  cluster.leftovers = cluster.leftovers.filter((left) => left.cid !== cid || left.peer !== store.peer.declaredId)
  store.kubo.ownPins = store.kubo.ownPins.filter((own) => own !== cid)
}

const hasInKubo = (world: World, store: SimStore, { cid, pin }: { cid: string; pin: SimPin | undefined }): boolean =>
  (pin !== undefined && isInKubo(world, pin, store)) ||
  store.kubo.ownPins.includes(cid) ||
  leftoversOf(world, store).some((left) => left.cid === cid)
