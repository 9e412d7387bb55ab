import { createJudge, type FactsOfPin, type PlacedPin } from './facts-of-pin.ts'
import type { CopyException, PlacementQuestion } from './question.ts'

/** Fewer holders than this, and a lower replication-min, are recognised. */
const base = 8
/** `base` to this power, and once more, is still a whole number without rounding. */
const maxKinds = 15

/**
 * The same answers as {@link createJudge}, from memory where pins are alike: as many holders of each kind, and of each pair of
 * kinds on one host. With 1,000 peers there are nearly as many groups as pins, and still few that are not alike.
 */
export function createQuickJudge(
  question: PlacementQuestion,
): (pin: PlacedPin, exceptions?: readonly CopyException[]) => FactsOfPin {
  const judge = createJudge(question)
  const keyOf = keysOf(question)
  const answers = new Map<number, FactsOfPin>()
  return (pin, exceptions = []) => {
    const key = exceptions.length > 0 ? undefined : keyOf(pin)
    if (key === undefined) return judge(pin, exceptions)
    const remembered = answers.get(key)
    if (remembered !== undefined) return remembered
    const facts = judge(pin)
    answers.set(key, facts)
    return facts
  }
}

/** A number that pins share which are judged alike; undefined where that takes more than a number. */
function keysOf({ holders: declared, without }: PlacementQuestion): (pin: PlacedPin) => number | undefined {
  const gone = new Set(without)
  const kinds = new Map<string, number>([['stranger', 0]])
  const kindOf = (name: string): number => {
    const kind = kinds.get(name) ?? kinds.size
    kinds.set(name, kind)
    return kind
  }
  const places = new Map<string, number>()
  const holders = new Map<string, { kind: number; place: number }>()
  for (const { peer, place, pinned, complete } of declared) {
    if (!places.has(place)) places.set(place, places.size)
    holders.set(peer, { kind: kindOf(`${pinned} ${complete} ${gone.has(peer)}`), place: places.get(place) ?? 0 })
  }
  const weights = Float64Array.from({ length: maxKinds }, (_, kind) => base ** kind)
  /** By the numbers of two kinds: the kind of a host that has both. */
  const pairs = new Map<number, number>()
  const pairOf = (one: number, other: number): number => {
    const [low, high] = one < other ? [one, other] : [other, one]
    const known = pairs.get(low * maxKinds + high) ?? kindOf(`${low} and ${high}`)
    pairs.set(low * maxKinds + high, known)
    return known
  }
  // Of the hosts of one pin: which, the kind of what it has, and whether that is a pair.
  const placeAt = new Int32Array(base)
  const kindAt = new Int32Array(base)
  const isPair = new Uint8Array(base)

  return ({ holders: named, replicationMin }) => {
    if (named === 'everywhere' || named.length >= base || replicationMin < 0 || replicationMin >= base) return undefined
    let count = 0
    for (const peer of named) {
      const holder = holders.get(peer)
      const place = holder?.place ?? -1
      const kind = holder?.kind ?? 0
      let at = place < 0 ? -1 : count - 1
      while (at >= 0 && placeAt[at] !== place) at -= 1
      if (at >= 0) {
        if (isPair[at] === 1) return undefined
        kindAt[at] = pairOf(kindAt[at] ?? 0, kind)
        isPair[at] = 1
      } else {
        placeAt[count] = place
        kindAt[count] = kind
        isPair[count] = 0
        count += 1
      }
    }
    let key = 0
    for (let index = 0; index < count; index += 1) {
      const weight = weights[kindAt[index] ?? maxKinds]
      if (weight === undefined) return undefined
      key += weight
    }
    return key * base + replicationMin
  }
}
