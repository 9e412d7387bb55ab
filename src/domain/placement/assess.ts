import type { PinGroup } from '../pins/pin-group.ts'
import { type Assessment, countedLevels, type Figure, type LevelFact, maxFigureExamples } from './assessment.ts'
import { createJudge, factBits, type FactsOfPin, levelBit, pinBit, type PlacedPin } from './facts-of-pin.ts'
import type { CopyException, PlacementQuestion } from './question.ts'

const factCount = factBits.ofPin + countedLevels.length * factBits.ofLevel

/**
 * Answers a question about one pinset. Each group of equal pins is judged once, and counts as often as it has pins; a pin with
 * a copy that is not like the others of its peer is judged by itself, and corrects the count of its group. So the figures are
 * exact, memory is flat in the pins, and grows only with the exceptions, which are bounded.
 *
 * `pinOf` gives an exception's pin as the same pinset has it, undefined where it has none such (any more).
 */
export async function assess(
  groups: AsyncIterable<PinGroup>,
  question: PlacementQuestion,
  pinOf: (cid: string) => Promise<PlacedPin | undefined>,
): Promise<Assessment> {
  const judge = createJudge(question)
  const tally = createTally()
  const exceptional = byCid(question.exceptions)
  for await (const group of groups) {
    // An exceptional pin is no example of its group.
    const example = group.example === undefined || exceptional.has(group.example) ? undefined : group.example
    tally.add(judge(group), group.pins, example)
  }
  for (const [cid, exceptions] of exceptional) {
    const pin = await pinOf(cid)
    if (pin === undefined) continue
    tally.add(judge(pin), -1, undefined)
    tally.add(judge(pin, exceptions), 1, cid)
  }
  return tally.assessment()
}

interface Tally {
  add(facts: FactsOfPin, pins: number, example: string | undefined): void
  assessment(): Assessment
}

function createTally(): Tally {
  const atLeast = new Float64Array(factCount)
  const atMost = new Float64Array(factCount)
  const examples: string[][] = Array.from({ length: factCount }, () => [])
  let pins = 0
  const figure = (bit: number): Figure => ({
    atLeast: atLeast[bit] ?? 0,
    atMost: atMost[bit] ?? 0,
    examples: atMost[bit] === 0 ? [] : (examples[bit] ?? []),
  })
  return {
    add({ certain, possible }, count, example) {
      pins += count
      for (let bits = possible; bits !== 0; bits &= bits - 1) {
        const bit = 31 - Math.clz32(bits & -bits)
        atMost[bit] = (atMost[bit] ?? 0) + count
        if ((certain & (1 << bit)) !== 0) atLeast[bit] = (atLeast[bit] ?? 0) + count
        const known = examples[bit]
        if (example !== undefined && known !== undefined && known.length < maxFigureExamples) known.push(example)
      }
    },
    assessment() {
      const ofLevel = (level: number) => {
        const at = (fact: LevelFact) => figure(levelBit(level, fact))
        return {
          belowMinimum: at('belowMinimum'),
          oneCopy: at('oneCopy'),
          noCopy: at('noCopy'),
          fallsBelowMinimum: at('fallsBelowMinimum'),
          fallsToOne: at('fallsToOne'),
          fallsToNone: at('fallsToNone'),
          fallsShort: at('fallsShort'),
        }
      }
      return {
        pins,
        ofPin: {
          touched: figure(pinBit('touched')),
          tooFewHolders: figure(pinBit('tooFewHolders')),
          onOneHost: figure(pinBit('onOneHost')),
          unknownHolder: figure(pinBit('unknownHolder')),
        },
        levels: { allocated: ofLevel(0), pinned: ofLevel(1), complete: ofLevel(2) },
      }
    },
  }
}

function byCid(exceptions: readonly CopyException[]): Map<string, CopyException[]> {
  const found = new Map<string, CopyException[]>()
  for (const exception of exceptions) {
    const others = found.get(exception.cid)
    if (others === undefined) found.set(exception.cid, [exception])
    else others.push(exception)
  }
  return found
}
