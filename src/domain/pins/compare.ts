import { fewAtOnce } from '../few-at-once.ts'
import type { Pin } from '../pinning.ts'
import type { PinIndex } from '../ports/pin-index.ts'
import { canonicalPin } from './canonical-pin.ts'
import { findDifferences } from './find-differences.ts'

/** One peer of a cluster, by its index. */
export interface ComparedPeer {
  /** `n1/hot`. */
  name: string
  index: PinIndex
}

/** How one pin differs between peers: the most that can be said of it. */
export type DifferenceKind =
  | 'missing' // some peers have it, others have not
  | 'holders' // they do not agree on who is to hold it
  | 'options' // nor on name, replication, metadata, expiry
  | 'written' // only on when it was last written: some have missed a write

/** A pin on which peers disagree, as each of them has it now. */
export interface Divergence {
  cid: string
  kind: DifferenceKind
  /** Peers that have the same stand together; `pin` is null where they do not have it. */
  sides: { peers: string[]; pin: Pin | null }[]
}

export interface Comparison {
  /** Peers by the pinset that their index has: those of one group agree on every pin. The largest first. */
  groups: { digest: string; pins: number; peers: string[] }[]
  divergences: Divergence[]
  /** Pins that differ in the indexes and do not, or not in the same way, when they are looked at again: on their way. */
  inFlight: number
  /** There are more than were looked into. */
  isCut: boolean
}

export interface CompareOptions {
  /** How many pins are looked into, at most. */
  most: number
  /** Lets some time pass between two looks: what is on its way arrives. */
  settle: () => Promise<void>
  signal?: AbortSignal | undefined
}

/** More different pinsets than this are counted, not compared. */
const mostGroups = 8
/** How many pins are asked for at once, of one peer. */
const askedAtOnce = 8

/**
 * Which pins the peers of one cluster do not agree on. Their indexes tell where to look, from the root of the digest tree
 * downwards and only where they differ; the pins found are then asked for at the peers themselves, twice.
 */
export async function comparePinsets(peers: readonly ComparedPeer[], options: CompareOptions): Promise<Comparison> {
  const { most, settle, signal } = options
  const grouped = await groupByDigest(peers, signal)
  const groups = grouped.map(({ digest, pins, members }) => ({ digest, pins, peers: members.map(({ name }) => name) }))
  const compared = grouped.slice(0, mostGroups)
  if (compared.length < 2) return { groups, divergences: [], inFlight: 0, isCut: false }

  const asked = compared.flatMap(({ members: [first] }) => (first === undefined ? [] : [first]))
  const { differences, isCut } = await findDifferences(
    asked.map(({ index }) => index),
    { most, signal },
  )
  const cids = differences.map(({ cid }) => cid)
  const ask = async (some: readonly string[]) => {
    const answers = await Promise.all(asked.map(({ index }) => allocationsOf(index, some, signal)))
    return new Map(some.map((cid) => [cid, answers.map((answer) => answer.get(cid) ?? null)]))
  }
  const first = await ask(cids)
  const differing = cids.filter((cid) => new Set(textsOf(first.get(cid))).size > 1)
  if (differing.length > 0) await settle()
  const second = differing.length > 0 ? await ask(differing) : new Map<string, (Pin | null)[]>()
  const divergences = differing.flatMap((cid): Divergence[] => {
    const [before, now] = [textsOf(first.get(cid)), textsOf(second.get(cid))]
    const hasHeldStill = before.every((text, at) => text === now[at])
    return hasHeldStill ? [describe(cid, second.get(cid) ?? [], groups)] : []
  })
  const inFlight = cids.length - divergences.length
  return { groups, divergences, inFlight, isCut: isCut || grouped.length > mostGroups }
}

async function groupByDigest(peers: readonly ComparedPeer[], signal: AbortSignal | undefined) {
  const groups = new Map<string, { digest: string; pins: number; members: ComparedPeer[] }>()
  const summaries = await Promise.all(peers.map(({ index }) => index.summary(signal)))
  for (const [at, { digest, pins }] of summaries.entries()) {
    const peer = peers[at]
    if (peer === undefined) continue
    const group = groups.get(digest) ?? { digest, pins, members: [] }
    group.members.push(peer)
    groups.set(digest, group)
  }
  return [...groups.values()].toSorted((a, b) => b.members.length - a.members.length || b.pins - a.pins)
}

async function allocationsOf(
  index: PinIndex,
  cids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, Pin>> {
  const pins = await fewAtOnce(askedAtOnce, cids, async (cid) => index.allocation(cid, signal))
  return new Map(
    cids.flatMap((cid, at): [string, Pin][] => {
      const pin = pins[at]
      return pin === undefined ? [] : [[cid, pin]]
    }),
  )
}

const textsOf = (pins: readonly (Pin | null)[] = []): string[] =>
  pins.map((pin) => (pin === null ? '' : canonicalPin(pin)))

function describe(cid: string, pins: readonly (Pin | null)[], groups: Comparison['groups']): Divergence {
  const sides = new Map<string, { peers: string[]; pin: Pin | null }>()
  for (const [at, pin] of pins.entries()) {
    const text = pin === null ? '' : canonicalPin(pin)
    const side = sides.get(text) ?? { peers: [], pin }
    side.peers.push(...(groups[at]?.peers ?? []))
    sides.set(text, side)
  }
  return { cid, kind: kindOf(pins), sides: [...sides.values()] }
}

const isOne = (texts: readonly string[]): boolean => new Set(texts).size === 1

function kindOf(pins: readonly (Pin | null)[]): DifferenceKind {
  const there = pins.filter((pin) => pin !== null)
  if (there.length < pins.length) return 'missing'
  const holders = there.map(({ allocations, replicationMin }) =>
    replicationMin === -1 ? 'everywhere' : allocations.toSorted().join(' '),
  )
  if (!isOne(holders)) return 'holders'
  return isOne(there.map((pin) => canonicalPin({ ...pin, timestamp: '' }))) ? 'written' : 'options'
}
