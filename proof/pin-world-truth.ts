import type { StopPolicy } from '../src/domain/placement/verdict.ts'
import { isHeldBy, type PinWorld, type WorldPeer, type WorldPin } from './pin-world.ts'

/**
 * The pins, each by its CID and the write that made it so, that would break a policy with some peers gone, by brute force over what the world really has. A copy is in a Kubo,
 * and its peer knows that it is to hold it; what a peer was given under an earlier identity counts while its Kubo has it. Pins
 * are those of every peer whose lists can be read, and of the peers that would be gone.
 */
export function breaking(world: PinWorld, gone: ReadonlySet<WorldPeer>, policy: StopPolicy): Set<string> {
  const goneKubos = new Set([...gone].map(({ kubo }) => kubo))
  const places = new Set(world.peers.map(({ host }) => host)).size
  const found = new Set<string>()
  for (const teller of world.peers) {
    if (!gone.has(teller) && (!teller.isUp || !teller.kubo.isUp || teller.host.isSilent)) continue
    for (const pin of teller.pinset.values()) {
      const copies = holdersOf(world, pin).filter(({ peer, id }) => {
        const isKnown = id !== peer.id || isHeldBy(peer.pinset.get(pin.cid), peer.id)
        const isReached = peer.kubo.isUp || (policy.for === 'loss' && goneKubos.has(peer.kubo))
        return isKnown && isReached && peer.kubo.has.has(pin.cid)
      })
      // Copies on one host are one: where another of them stays, none is lost.
      const there = new Set(copies.map(({ peer }) => peer.host))
      const stay = new Set(copies.flatMap(({ peer }) => (goneKubos.has(peer.kubo) ? [] : [peer.host])))
      const promised = pin.holders === 'everywhere' ? Math.min(2, places) : pin.min
      const kept = policy.keep === 'promise' ? promised : policy.keep
      const isTouched = stay.size < there.size
      if (isTouched && stay.size < kept) found.add(`${pin.cid} ${pin.order}`)
      if (isTouched && policy.for === 'loss' && policy.level === 'complete' && stay.size === 0) {
        found.add(`${pin.cid} ${pin.order}`)
      }
    }
  }
  return found
}

function holdersOf(world: PinWorld, { holders }: WorldPin): { peer: WorldPeer; id: string }[] {
  if (holders === 'everywhere') return world.peers.map((peer) => ({ peer, id: peer.id }))
  return holders.flatMap((id) => {
    const peer = world.peers.find((one) => one.id === id || one.former.includes(id))
    return peer === undefined ? [] : [{ peer, id }]
  })
}
