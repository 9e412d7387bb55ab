import type { PinGroup } from '../pins/pin-group.ts'
import { countedLevels, levelFacts, pinFacts } from './assessment.ts'
import type { CopyException, PlacementQuestion } from './question.ts'

/** What is true of one pin: one bit a fact, in the order of {@link factBits}. What is certain is also possible. */
export interface FactsOfPin {
  certain: number
  possible: number
}

/** Which bit stands for which fact: first those of the pin, then those of each level. */
export const factBits = { ofPin: pinFacts.length, ofLevel: levelFacts.length }
export const pinBit = (fact: (typeof pinFacts)[number]): number => pinFacts.indexOf(fact)
export const levelBit = (level: number, fact: (typeof levelFacts)[number]): number =>
  factBits.ofPin + level * factBits.ofLevel + levelFacts.indexOf(fact)

/** The holders of one pin and its wish; how many such pins there are does not matter here. */
export type PlacedPin = Pick<PinGroup, 'holders' | 'replicationMin'>

const certainties = { no: 0, maybe: 1, yes: 2 } as const
const yes = certainties.yes

// What there is at one place, as bits.
const certainNow = 1
const possibleNow = 2
const certainAfter = 4
const possibleAfter = 8
const possiblyLost = 16

/** Fewest and most, over all that may be so. */
interface Range {
  least: number
  most: number
}

/** Answers for one pin after the other what is true of it. */
export function createJudge(
  question: PlacementQuestion,
): (pin: PlacedPin, exceptions?: readonly CopyException[]) => FactsOfPin {
  const { holders, keep, strangers: ofStrangers = 'stay' } = question
  const numbers = new Map(holders.map(({ peer }, number) => [peer, number]))
  const places = new Map<string, number>()
  for (const { place } of holders) if (!places.has(place)) places.set(place, places.size)
  const placeOf = holders.map(({ place }) => places.get(place) ?? 0)
  // A copy at the level `allocated` is what the pinset says, whether or not its peer can be reached.
  const levelsOf = [
    holders.map(() => yes as number),
    holders.map(({ pinned }) => certainties[pinned]),
    holders.map(({ complete }) => certainties[complete]),
  ]
  const isGone = holders.map(({ peer }) => question.without.includes(peer))
  const everybody = holders.map((_, number) => number)
  const scratch = new Uint8Array(places.size + 1)

  return ({ holders: named, replicationMin }, exceptions = []) => {
    const isEverywhere = named === 'everywhere'
    const known = isEverywhere ? everybody : numbersOf(named, numbers)
    const strangers = isEverywhere ? 0 : named.length - known.length
    const minimum = isEverywhere ? everybody.length : Math.max(0, replicationMin)
    const kept = keep !== 'promise' ? keep : isEverywhere ? Math.min(2, places.size) : minimum
    const facts = { certain: 0, possible: 0 }
    const note = (bit: number, isCertain: boolean, isPossible: boolean) => {
      if (isCertain) facts.certain |= 1 << bit
      if (isPossible) facts.possible |= 1 << bit
    }
    const sure = (bit: number, isSo: boolean) => note(bit, isSo, isSo)

    const touched = known.some((number) => isGone[number] === true)
    const strangersMayGo = strangers > 0 && ofStrangers === 'may-go'
    note(pinBit('touched'), touched, touched || strangersMayGo)
    sure(pinBit('unknownHolder'), strangers > 0)

    for (const [level, ofHolders] of levelsOf.entries()) {
      const exempt = exceptions.filter((exception) => level > (exception.level === 'pinned' ? 1 : 0))
      const certaintyOf = (number: number): number =>
        exempt.reduce(
          (least, { peer, level: told }) =>
            numbers.get(peer) === number ? Math.min(least, told === 'unseen' ? certainties.maybe : 0) : least,
          ofHolders[number] ?? 0,
        )
      // A stranger is at a place that we do not know, and nothing is known of its copies. By the pinset, it has one.
      const unseen = level === 0 ? { least: strangers, most: strangers } : { least: 0, most: strangers }
      const now = { ...unseen }
      const after = strangersMayGo ? { ...unseen, least: 0 } : { ...unseen }
      const peersNow = { ...unseen }
      const peersAfter = { ...after }
      for (const number of known) {
        const certainty = certaintyOf(number)
        if (certainty === 0) continue
        const isCertain = certainty === yes
        const stays = isGone[number] !== true
        const at = placeOf[number] ?? 0
        // Typed arrays are read as possibly undefined, and never are: `at` is a place.
        scratch[at] =
          (scratch[at] ?? 0) |
          possibleNow |
          (isCertain ? certainNow : 0) |
          (stays ? possibleAfter | (isCertain ? certainAfter : 0) : possiblyLost)
        peersNow.most += 1
        if (isCertain) peersNow.least += 1
        if (stays) peersAfter.most += 1
        if (stays && isCertain) peersAfter.least += 1
      }
      let losesCertainly = false
      let losesPossibly = strangersMayGo
      for (const number of known) {
        const at = placeOf[number] ?? 0
        const there = scratch[at] ?? 0
        if (there === 0) continue
        scratch[at] = 0
        now.most += 1
        if ((there & certainNow) !== 0) now.least += 1
        if ((there & possibleAfter) !== 0) after.most += 1
        if ((there & certainAfter) !== 0) after.least += 1
        if ((there & certainNow) !== 0 && (there & possibleAfter) === 0) losesCertainly = true
        if ((there & possiblyLost) !== 0 && (there & certainAfter) === 0) losesPossibly = true
      }

      const bit = (fact: (typeof levelFacts)[number]) => levelBit(level, fact)
      // "Everywhere" is a promise of every peer, not of every host.
      const promised = isEverywhere ? peersNow : now
      const promisedAfter = isEverywhere ? peersAfter : after
      note(bit('belowMinimum'), promised.most < minimum, promised.least < minimum)
      note(bit('oneCopy'), now.least === 1 && now.most === 1, now.least <= 1 && now.most >= 1)
      note(bit('noCopy'), now.most === 0, now.least === 0)
      if (level === 1) note(pinBit('tooFewHolders'), peersNow.most < minimum, peersNow.least < minimum)
      if (level === 0) {
        sure(pinBit('onOneHost'), !isEverywhere && peersNow.least >= minimum && now.least < minimum)
      }
      if (!touched && !strangersMayGo) continue
      const losesPeer = isEverywhere && peersNow.most > peersAfter.most
      note(
        bit('fallsBelowMinimum'),
        promised.least >= minimum && promisedAfter.most < minimum,
        promised.most >= minimum && promisedAfter.least < minimum && (losesPossibly || losesPeer),
      )
      note(
        bit('fallsToOne'),
        now.least > 1 && after.least === 1 && after.most === 1,
        now.most > 1 && after.least <= 1 && after.most >= 1 && losesPossibly,
      )
      note(bit('fallsToNone'), ...falls(now, after, 1, losesPossibly))
      note(bit('fallsShort'), after.most < kept && losesCertainly, after.least < kept && losesPossibly)
    }
    return facts
  }
}

function numbersOf(peers: readonly string[], numbers: ReadonlyMap<string, number>): number[] {
  const found: number[] = []
  for (const peer of peers) {
    const number = numbers.get(peer)
    if (number !== undefined) found.push(number)
  }
  return found
}

/** Whether a pin that has so many now would not have them: certainly, possibly. */
function falls(now: Range, after: Range, below: number, losesPossibly: boolean): [boolean, boolean] {
  return [now.least >= below && after.most < below, now.most >= below && after.least < below && losesPossibly]
}

/** The names of all facts, by bit; for tests and for counting. */
export const factNames: readonly { level: (typeof countedLevels)[number] | undefined; fact: string }[] = [
  ...pinFacts.map((fact) => ({ level: undefined, fact })),
  ...countedLevels.flatMap((level) => levelFacts.map((fact) => ({ level, fact }))),
]
