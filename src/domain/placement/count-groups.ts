import { entry, entryBytes, everywhere, groupAt, type PackedGroups, read16, read32 } from '../pins/packed-groups.ts'
import type { FactsOfPin, PlacedPin } from './facts-of-pin.ts'
import type { PlacementQuestion } from './question.ts'

/** Pins with more holders than this are judged one group at a time. */
const mostAlike = 8
/** How large the table of steps may get: 16 MiB. */
const largest = 2 ** 22

/** Counts groups of pins by what is true of them. */
export interface GroupCounter {
  add(groups: PackedGroups): void
  /** Tells what was not told yet. */
  end(): void
}

/**
 * Judges groups as `judge` does, and tells `found` how many pins each answer is true of. With 1,000 peers there are nearly as many
 * groups as pins, and still few that are not alike: pins of which each holder, in its turn, is of the same kind and on the same
 * host as the same one before it. So a pin is a walk over a table, a step a holder, and each end of a walk is judged once.
 * What finds no room in a table of `mostCells` is judged one group at a time.
 */
export function createGroupCounter(
  question: PlacementQuestion,
  judge: (pin: PlacedPin) => FactsOfPin,
  found: (facts: FactsOfPin, pins: number) => void,
  mostCells = largest,
): GroupCounter {
  const { kindOf, kinds } = kindsOf(question)
  const width = kinds * mostAlike
  const table = createTable(width, mostCells)
  /** By state: what is true of the pins whose walk ends there, and how many there are. */
  const facts: (FactsOfPin | undefined)[] = []
  const counts: number[] = []
  const roots = new Map<number, number>()
  const rootOf = (replicationMin: number): number => {
    const root = roots.get(replicationMin) ?? table.add()
    roots.set(replicationMin, root)
    return root
  }
  const anywhere = table.add()
  /** Of the holders of one pin: where each is. */
  const places = new Int32Array(mostAlike)
  /** What the numbers of `names` mean. */
  let names: PackedGroups['names'] | undefined
  let steps = new Int32Array()
  let placeOf = new Int32Array()
  let firsts: number[] = []

  return {
    add(groups) {
      const { bytes } = groups
      if (names !== groups.names) {
        names = groups.names
        const holders = names.peers.map((peer) => kindOf(peer))
        steps = Int32Array.from(holders, ({ kind }) => kind * mostAlike)
        placeOf = Int32Array.from(holders, ({ place }) => place)
        firsts = names.wishes.map(([replicationMin]) => rootOf(replicationMin))
      }
      for (let offset = 0; offset < bytes.length;) {
        const count = read16(bytes, offset + entry.count)
        let state = anywhere
        if (count !== everywhere) {
          state = count > mostAlike ? 0 : (firsts[bytes[offset + entry.wish] ?? 0] ?? 0)
          for (let index = 0; index < count && state !== 0; index += 1) {
            const number = read16(bytes, offset + entry.holders + index * 2)
            const place = placeOf[number] ?? unknown
            // Which of those before it is on the same host: the last such one, counted from 1; 0: none.
            let before = place === unknown ? 0 : index
            while (before > 0 && places[before - 1] !== place) before -= 1
            places[index] = place
            state = table.step(state, (steps[number] ?? 0) + before)
          }
        }
        const pins = read32(bytes, offset)
        if (state === 0) found(judge(groupAt(groups, offset)), pins)
        else {
          facts[state] ??= judge(groupAt(groups, offset))
          counts[state] = (counts[state] ?? 0) + pins
        }
        offset += entryBytes(count)
      }
    },
    end() {
      for (const [state, pins] of counts.entries()) {
        const known = facts[state]
        if (known !== undefined) found(known, pins)
      }
      facts.length = 0
      counts.length = 0
    },
  }
}

/** The place of a holder of which we know none: it is like no other. */
const unknown = -1

/** The kind of each holder, and its host, by numbers. A peer that the question does not have is of kind 0. */
function kindsOf({ holders, without }: PlacementQuestion) {
  const gone = new Set(without)
  const kinds = new Map<string, number>()
  const places = new Map<string, number>()
  const known = new Map(
    holders.map(({ peer, place, pinned, complete }) => [
      peer,
      { kind: numberIn(kinds, `${pinned} ${complete} ${gone.has(peer)}`, 1), place: numberIn(places, place, 0) },
    ]),
  )
  const stranger = { kind: 0, place: unknown }
  return { kinds: kinds.size + 1, kindOf: (peer: string) => known.get(peer) ?? stranger }
}

function numberIn(numbers: Map<string, number>, name: string, first: number): number {
  const number = numbers.get(name) ?? numbers.size + first
  numbers.set(name, number)
  return number
}

/** Which state follows on which, by steps below `width`. States are whole numbers from 1 on; 0: there is no room for more. */
function createTable(width: number, mostCells: number) {
  let cells = new Int32Array(Math.min(mostCells, 64 * width))
  let states = 1
  const add = (): number => {
    if ((states + 1) * width > mostCells) return 0
    if ((states + 1) * width > cells.length) {
      const larger = new Int32Array(Math.min(mostCells, cells.length * 2))
      larger.set(cells)
      cells = larger
    }
    states += 1
    return states - 1
  }
  return {
    add,
    step(state: number, step: number): number {
      const at = state * width + step
      const next = cells[at] ?? 0
      if (next !== 0) return next
      const made = add()
      cells[at] = made
      return made
    },
  }
}
