import type { PackedGroups } from '../pins/packed-groups.ts'
import { type Assessment, type Figure, type LevelFact, maxFigureExamples } from './assessment.ts'
import { createGroupCounter } from './count-groups.ts'
import { createJudge, type FactsOfPin, levelBit, pinBit, type PlacedPin } from './facts-of-pin.ts'
import type { CopyException, PlacementQuestion } from './question.ts'

/**
 * Answers a question about one pinset. Each group of equal pins is judged once, and counts as often as it has pins; a pin with
 * a copy that is not like the others of its peer is judged by itself, and corrects the count of its group. So the figures are
 * exact, memory is flat in the pins, and grows only with the exceptions, which are bounded.
 *
 * `pinOf` gives an exception's pin as the same pinset has it, undefined where it has none such (any more). `sample`: some pins
 * by name, in any order; they are gone through for as long as something that was found lacks examples.
 */
export async function assess(
  groups: AsyncIterable<PackedGroups>,
  question: PlacementQuestion,
  pinOf: (cid: string) => Promise<PlacedPin | undefined>,
  sample?: AsyncIterable<NamedPin>,
): Promise<Assessment> {
  const judge = createJudge(question)
  const tally = createTally()
  const exceptional = byCid(question.exceptions)
  const counter = createGroupCounter(question, judge, (facts, pins) => tally.add(facts, pins))
  for await (const some of groups) counter.add(some)
  counter.end()
  for (const [cid, exceptions] of exceptional) {
    const pin = await pinOf(cid)
    if (pin === undefined) continue
    tally.add(judge(pin), -1)
    tally.add(judge(pin, exceptions), 1, cid)
  }
  if (sample !== undefined && tally.lacksExamples()) {
    for await (const pin of sample) {
      // An exceptional pin is no example of its group.
      if (!exceptional.has(pin.cid)) tally.example(judge(pin), pin.cid)
      if (!tally.lacksExamples()) break
    }
  }
  return tally.assessment()
}

/** One pin, with the copies of which less is true than of the others of their peers. */
export interface ExceptionalPin {
  pin: NamedPin
  exceptions: readonly CopyException[]
}

/** The same of single pins; what the question itself says of exceptions is left aside. One CID may come in several versions. */
export function assessPins(pins: readonly ExceptionalPin[], question: PlacementQuestion): Assessment {
  const judge = createJudge(question)
  const tally = createTally()
  for (const { pin, exceptions } of pins) tally.add(judge(pin, exceptions), 1, pin.cid)
  return tally.assessment()
}

/** A pin by its name. */
export type NamedPin = PlacedPin & { cid: string }

interface Tally {
  add(facts: FactsOfPin, pins: number, example?: string): void
  /** One more example of what was counted. */
  example(facts: FactsOfPin, cid: string): void
  /** Whether something was found that a person would want to see an example of. */
  lacksExamples(): boolean
  assessment(): Assessment
}

/** What is true of many pins, and no trouble: to be on a host that is asked about, and to have one copy. */
const common = [pinBit('touched'), ...[0, 1, 2].map((level) => levelBit(level, 'oneCopy'))].reduce(
  (bits, bit) => bits | (1 << bit),
  0,
)

/** The pins of which the same facts are true; there are few such kinds. */
interface Kind extends FactsOfPin {
  pins: number
  examples: string[]
}

/** Both have fewer than 26 bits: side by side they are a whole number without rounding. */
const keyOf = (certain: number, possible: number): number => certain * 2 ** 26 + possible

function createTally(): Tally {
  const kinds = new Map<number, Kind>()
  return {
    add({ certain, possible }, count, example) {
      const key = keyOf(certain, possible)
      let kind = kinds.get(key)
      if (kind === undefined) {
        kind = { certain, possible, pins: 0, examples: [] }
        kinds.set(key, kind)
      }
      kind.pins += count
      if (example !== undefined && kind.examples.length < maxFigureExamples) kind.examples.push(example)
    },
    example({ certain, possible }, cid) {
      const examples = kinds.get(keyOf(certain, possible))?.examples
      if (examples !== undefined && examples.length < maxFigureExamples && !examples.includes(cid)) examples.push(cid)
    },
    lacksExamples: () =>
      [...kinds.values()].some(
        ({ possible, pins, examples }) =>
          (possible & ~common) !== 0 && examples.length < Math.min(pins, maxFigureExamples),
      ),
    assessment() {
      const all = [...kinds.values()].filter(({ pins }) => pins > 0)
      const figure = (bit: number): Figure => {
        const possibly = all.filter(({ possible }) => (possible & (1 << bit)) !== 0)
        const certainly = possibly.filter(({ certain }) => (certain & (1 << bit)) !== 0)
        const examples = [...certainly, ...possibly].flatMap((kind) => kind.examples)
        return {
          atLeast: sum(certainly),
          atMost: sum(possibly),
          // What is certain first; each once.
          examples: [...new Set(examples)].slice(0, maxFigureExamples),
        }
      }
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
        pins: sum(all),
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

const sum = (kinds: readonly Kind[]): number => kinds.reduce((pins, kind) => pins + kind.pins, 0)

function byCid(exceptions: readonly CopyException[]): Map<string, CopyException[]> {
  const found = new Map<string, CopyException[]>()
  for (const exception of exceptions) {
    const others = found.get(exception.cid)
    if (others === undefined) found.set(exception.cid, [exception])
    else others.push(exception)
  }
  return found
}
