import { fewAtOnce } from '../domain/few-at-once.ts'
import { assessPins, type ExceptionalPin, type NamedPin } from '../domain/placement/assess.ts'
import type { Assessment } from '../domain/placement/assessment.ts'
import { unmet } from '../domain/placement/ask.ts'
import type { Member, OtherVersion } from '../domain/placement/member.ts'
import type { PlacementQuestion } from '../domain/placement/question.ts'
import { findDifferences } from '../domain/pins/find-differences.ts'
import type { PinSnapshot } from '../domain/ports/pin-index.ts'
import type { PlacementSources } from './placement.ts'

/** What some peers have otherwise than the one whose pinset is judged. */
export interface Differences {
  /** All members; those with another pinset know which pins their lists have otherwise. */
  members: Member[]
  /** Pins as those peers have them, each version once. */
  versions: Version[]
  /** Whether every peer with another pinset was looked into; what others have is not known. */
  areAll: boolean
  /** What the pinset that is judged has of each pin that some have otherwise; undefined where it has none such. */
  judged: ReadonlyMap<string, Version | undefined>
}

/** A pin as the pinset that is judged does not have it. */
interface Version {
  pin: NamedPin
  digest: string
}

/** So many pins are looked into of one peer, and in all: each costs a question. Peers beyond it count as not known. */
const mostOfPeer = 2000
const mostInAll = 10_000
/** Peers that are compared at once, and pins asked for at once of one of them. */
const atOnce = 16

/** Finds them by the digest trees, each peer against the reference, from the root downwards. Never rejects. */
export async function findDiffering(
  members: readonly Member[],
  reference: Member,
  pins: PlacementSources['pins'],
  signal?: AbortSignal,
): Promise<Differences> {
  const versions = new Map<string, Version>()
  const judged = new Map<string, Version | undefined>()
  let left = mostInAll
  const compare = async (member: Member): Promise<Member> => {
    const { lists, host, store } = member
    if (lists === undefined || lists.summary.digest === reference.lists?.summary.digest) return member
    try {
      if (host === undefined || store === undefined) throw new RangeError('it is no store of this fleet')
      const found = await ofOneReading(reference, pins, signal, (theirs) =>
        ofOneReading(member, pins, signal, (mine) => compareWith(theirs, mine, Math.min(mostOfPeer, left), signal)),
      )
      if (found === undefined) throw new RangeError('more than can be looked into one by one')
      left -= found.length
      const unmetPins = new Map<string, OtherVersion | undefined>()
      for (const { cid, theirs, mine } of found) {
        judged.set(cid, theirs)
        if (mine !== undefined) versions.set(`${cid} ${mine.digest}`, mine)
        unmetPins.set(cid, mine === undefined ? undefined : otherVersion(mine, member.peer))
      }
      return { ...member, lists: { ...lists, unmet: unmetPins } }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return { ...member, lists: undefined, noLists: `it has another pinset, and what differs is not known (${why})` }
    }
  }
  const compared = await fewAtOnce(atOnce, members, compare)
  const areAll = compared.every(({ lists }, index) => lists !== undefined || members[index]?.lists === undefined)
  return { members: compared, versions: [...versions.values()], areAll, judged }
}

const otherVersion = ({ digest, pin: { holders } }: Version, peer: string): OtherVersion => ({
  digest,
  isHeld: holders === 'everywhere' || holders.includes(peer),
})

/** What differs between two readings, as each has it; undefined where it is more than `most`. */
async function compareWith(theirs: PinSnapshot, mine: PinSnapshot, most: number, signal: AbortSignal | undefined) {
  const { differences, isCut } = await findDifferences([theirs, mine], { most, signal })
  if (isCut) return undefined
  const versionIn = async (generation: PinSnapshot, cid: string, digest: string | undefined) => {
    if (digest === undefined) return undefined
    const pin = await generation.pin(cid, signal)
    if (pin?.digest !== digest) throw new RangeError('the index does not have a pin that it names')
    return { pin, digest }
  }
  return fewAtOnce(atOnce, differences, async ({ cid, digests: [digest, other] }) => ({
    cid,
    theirs: await versionIn(theirs, cid, digest),
    mine: await versionIn(mine, cid, other),
  }))
}

/** Asks the reading by which a member is judged, and no other. */
function ofOneReading<T>(
  { host = '', store = '', lists }: Member,
  pins: PlacementSources['pins'],
  signal: AbortSignal | undefined,
  use: (generation: PinSnapshot) => Promise<T>,
): Promise<T> {
  return pins(host, store).snapshot((generation) => {
    if (generation.summary.readAt !== lists?.summary.readAt) throw new RangeError('its lists were read anew meanwhile')
    return use(generation)
  }, signal)
}

/** How those versions of pins stand: a copy is there only where the lists of its own peer have met just this version. */
export function assessVersions({ members, versions, judged }: Differences, question: PlacementQuestion): Assessment {
  const byPeer = new Map(members.map((member) => [member.peer, member]))
  const told = new Map<string, PlacementQuestion['exceptions']>()
  for (const exception of question.exceptions) {
    if (exception.level !== 'unseen') told.set(exception.cid, [...(told.get(exception.cid) ?? []), exception])
  }
  const pins = versions.map(({ pin, digest }): ExceptionalPin => {
    const holders = pin.holders === 'everywhere' ? [...byPeer.keys()] : pin.holders
    const others = holders.flatMap((peer) => {
      const lists = byPeer.get(peer)?.lists
      if (lists === undefined) return []
      const asJudged = judged.get(pin.cid)
      const has =
        lists.unmet?.has(pin.cid) === true
          ? lists.unmet.get(pin.cid)
          : asJudged === undefined
            ? undefined
            : otherVersion(asJudged, peer)
      return has?.digest === digest ? [] : [unmet(peer, pin.cid, has, question.without)]
    })
    return { pin, exceptions: [...(told.get(pin.cid) ?? []), ...others] }
  })
  return assessPins(pins, question)
}
