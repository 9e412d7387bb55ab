import type { PinException, PinExceptionKind } from '../pins/pinset-summary.ts'
import type { Member, OtherVersion } from './member.ts'
import type { Certainty, CopyException, Holder, PlacementQuestion } from './question.ts'

/** What is asked of the pins of a cluster. */
export interface Loss {
  /** `restart`: the data stays, its peers cannot be asked for a while. `loss`: the data is gone. */
  for: 'restart' | 'loss'
  /** The peers concerned. */
  without: readonly string[]
  keep: PlacementQuestion['keep']
  /** Whether a holder that the fleet does not know may be one of them; it stays where nothing is said. */
  strangers?: PlacementQuestion['strangers']
}

/** A question, with why some copies count as perhaps there. */
export interface Asked {
  question: PlacementQuestion
  /** One sentence for each peer whose copies are not known. */
  unsure: string[]
}

/** How the pins stand: what is just on its way counts as there. */
export const asTheyStand = (members: readonly Member[]): Asked => ask(members, undefined)

/** What would be lost; a copy that is not there at this moment is not there. */
export const withLoss = (members: readonly Member[], loss: Loss): Asked => ask(members, loss)

function ask(members: readonly Member[], loss: Loss | undefined): Asked {
  const unsure: string[] = []
  const exceptions: CopyException[] = []
  const places = placesOf(members)
  const holders = members.map((member): Holder => {
    const known = copiesOf(member, loss)
    exceptions.push(...known.exceptions)
    if (known.reason !== undefined) unsure.push(`${member.called}: ${known.reason}`)
    const { pinned, complete } = known
    // What is said to be a peer and may be another is none that a holder is known by.
    const peer = loss !== undefined && member.doubt !== undefined ? member.called : member.peer
    return { peer, place: places.get(member) ?? member.called, pinned, complete }
  })
  const { without = [], keep = 1, strangers } = loss ?? {}
  return {
    question: { holders, exceptions, without: [...without], keep, ...(strangers === undefined ? {} : { strangers }) },
    unsure,
  }
}

/** Copies on one host are lost together, and those of peers that pin into one Kubo are one copy, on whichever host it is. */
function placesOf(members: readonly Member[]): Map<Member, string> {
  const byKubo = new Map<string, string>()
  const places = new Map<Member, string>()
  for (const member of members) {
    const place =
      (member.kubo === undefined ? undefined : byKubo.get(member.kubo)) ?? member.host ?? `peer ${member.peer}`
    if (member.kubo !== undefined) byKubo.set(member.kubo, place)
    places.set(member, place)
  }
  return places
}

interface Copies {
  pinned: Certainty
  complete: Certainty
  exceptions: CopyException[]
  reason?: string
}

const perhaps = (why: string): Copies => ({ pinned: 'maybe', complete: 'maybe', exceptions: [], reason: why })

function copiesOf(member: Member, loss: Loss | undefined): Copies {
  const { reach, reason, lists, noLists, doubt } = member
  if (doubt !== undefined) return perhaps(doubt)
  if (reach === 'down') {
    // Nobody can read it now. What would be lost with it is there all the same.
    return loss?.for === 'loss' && loss.without.includes(member.peer)
      ? perhaps(reason)
      : { pinned: 'no', complete: 'no', exceptions: [] }
  }
  if (reach === 'unknown') return perhaps(reason)
  if (lists === undefined) return perhaps(noLists ?? 'nobody keeps an index of its pins')
  const { summary } = lists
  const named = namedIn(lists)
  if (summary.unverified) return perhaps('it has more pins that are not as they should be than are kept by name')
  const missing = named(copyMissing, loss === undefined)
  const incomplete = named(['incomplete'], false)
  const unnamed = summary.unnamed ?? summary.copies.allocated - missing.count
  if (unnamed > 0) return perhaps(`${unnamed} of its copies were not found in the lists of its Kubo`)
  if (!missing.areAll) return perhaps(`${missing.count} of its pins are not pinned, too many to ask for each`)
  const unwalked = summary.copies.pinned - incomplete.count
  return {
    pinned: 'yes',
    complete: unwalked <= 0 && incomplete.areAll ? 'yes' : 'maybe',
    exceptions: [
      ...missing.some.map(({ cid, isInKubo }): CopyException => ({
        peer: member.peer,
        cid,
        // What its Kubo has all the same can be lost.
        level: isInKubo === true && loss?.without.includes(member.peer) === true ? 'unseen' : 'allocated',
      })),
      ...incomplete.some.map(({ cid }): CopyException => ({ peer: member.peer, cid, level: 'pinned' })),
      ...[...(lists.unmet ?? [])].map(([cid, other]) => unmet(member.peer, cid, other, loss?.without ?? [])),
    ],
  }
}

/**
 * What a peer has of a pin that its own lists have not met as it is judged, but as `other`. A peer that is to be stopped has no
 * copy of a pin that it did not know, or did not hold, when its lists were read; of another one nobody knows.
 */
export const unmet = (
  peer: string,
  cid: string,
  other: OtherVersion | undefined,
  without: readonly string[],
): CopyException => ({ peer, cid, level: other?.isHeld !== true && without.includes(peer) ? 'allocated' : 'unseen' })

/** The kinds of exceptions by which a copy is not there. */
export const copyMissing: readonly PinExceptionKind[] = ['not-pinned', 'unexpectedly-unpinned', 'in-error']

/** The exceptions of some kinds, and whether all of them are known by name; `lasting`: only those that an earlier reading met. */
function namedIn({ summary, exceptions }: NonNullable<Member['lists']>) {
  const { readAt } = summary
  return (
    kinds: readonly PinExceptionKind[],
    lasting: boolean,
  ): { count: number; some: PinException[]; areAll: boolean } => {
    const figures = kinds.flatMap((kind) => summary.exceptions[kind] ?? [])
    const known = exceptions?.filter(({ kind }) => kinds.includes(kind)) ?? figures.flatMap(({ examples }) => examples)
    const some = known.filter(({ since }) => !lasting || since < readAt)
    const wanted = figures.reduce((sum, one) => sum + (lasting ? one.lasting : one.count), 0)
    return { count: figures.reduce((sum, one) => sum + one.count, 0), some, areAll: some.length >= wanted }
  }
}

/** Whether the summary of a peer names fewer of its missing or incomplete copies than there are. */
export function hasUnnamed({ lists }: Member): boolean {
  if (lists === undefined || lists.summary.unverified) return false
  const named = namedIn(lists)
  return !named([...copyMissing, 'incomplete'], false).areAll
}

/** Whose pinset is judged: that of most peers, and among those the one read last; undefined where nobody has one. */
export function referenceOf(members: readonly Member[]): { member: Member; others: number } | undefined {
  const withLists = members.flatMap((member) => (member.lists === undefined ? [] : [{ member, lists: member.lists }]))
  const votes = new Map<string, number>()
  for (const { lists } of withLists) {
    votes.set(lists.summary.digest, (votes.get(lists.summary.digest) ?? 0) + 1)
  }
  const votesFor = ({ lists }: (typeof withLists)[number]) => votes.get(lists.summary.digest) ?? 0
  const [best] = withLists.toSorted((a, b) => votesFor(b) - votesFor(a) || a.lists.age - b.lists.age)
  return best === undefined ? undefined : { member: best.member, others: withLists.length - votesFor(best) }
}
