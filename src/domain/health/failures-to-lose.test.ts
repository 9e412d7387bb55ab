import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { disk, group, poolStatus } from '../../../test/builders/pool-status.ts'
import { leaves, type Vdev } from '../pool-status.ts'
import { failuresToLose, parityOf, type ResilverState, resilverOf } from './failures-to-lose.ts'

/** What each leaf really holds: the truth that `zpool status` tells only in part. */
type Truth = Map<Vdev, { whole: boolean }>

/** Whether every block of the vdev can be read when these disks have failed too. Every set of failures is tried. */
function readable(vdev: Vdev, truth: Truth, failed: ReadonlySet<Vdev>): boolean {
  if (vdev.children.length === 0) return truth.get(vdev)?.whole === true && !failed.has(vdev)
  if (vdev.kind === 'draid') return draidReadable(vdev, truth, failed)
  const lost = vdev.children.filter((child) => !readable(child, truth, failed)).length
  return vdev.kind === 'raidz' ? lost <= parityOf(vdev) : lost < vdev.children.length
}

/**
 * dRAID, row by row: each order of the disks is one row, its first slots are groups of data and parity, its last ones the
 * distributed spares. A disk's column in a row is lost with the disk, unless the spare that stands in for it lies, in that
 * row, on a disk that still is there.
 */
function draidReadable(vdev: Vdev, truth: Truth, failed: ReadonlySet<Vdev>): boolean {
  const columns = vdev.children.map((child) => {
    const disks = leaves([child]).filter(({ kind }) => kind !== 'draid-spare')
    return {
      holds: disks.some((one) => truth.get(one)?.whole === true && !failed.has(one)),
      // What can be read of the place itself, where spares of other columns may lie.
      spare: leaves([child]).find((one) => one.kind === 'draid-spare' && truth.get(one)?.whole === true),
    }
  })
  const spares = Number(/:(\d+)s/.exec(vdev.name)?.[1] ?? 0)
  return orders(columns.length).every((order) => {
    const data = order.slice(0, order.length - spares)
    const spareSlot = order.at(-1)
    const lost = data.filter((index) => {
      const column = columns[index]
      if (column === undefined || column.holds) return false
      const onSpare = column.spare !== undefined && spareSlot !== undefined && columns[spareSlot]?.holds === true
      return !onSpare
    })
    return lost.length <= parityOf(vdev)
  })
}

/** All orders of the first numbers. */
function orders(count: number): number[][] {
  if (count === 0) return [[]]
  return orders(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, at) => [...order.slice(0, at), count - 1, ...order.slice(at)]),
  )
}

/** The fewest further failures that lose data: by trying every set of disks. */
function fewest(vdev: Vdev, truth: Truth): number {
  const disks = leaves([vdev]).filter((one) => one.kind !== 'draid-spare' && truth.get(one)?.whole === true)
  let least = Number.POSITIVE_INFINITY
  for (let mask = 0; mask < 2 ** disks.length; mask += 1) {
    const failed = new Set(disks.filter((_, index) => (mask >> index) % 2 === 1))
    if (failed.size < least && !readable(vdev, truth, failed)) least = failed.size
  }
  return least
}

/** A vdev as ZFS would show it, with what is really on its disks. */
interface Case {
  vdev: Vdev
  truth: Truth
  resilver: ResilverState
}

const isWorking = (vdev: Vdev): boolean => vdev.state === 'ONLINE' || vdev.state === 'DEGRADED'

/** How one place in a group can look. `unfinished`: a resilver of the pool has not ended. */
type Place = 'well' | 'failed' | 'behind' | 'replaced' | 'replaced-dead' | 'spared' | 'spared-well' | 'nested'

function placeOf(kind: Place, index: number, unfinished: boolean, spareKind: Vdev['kind'], truth: Truth): Vdev {
  const leaf = (name: string, whole: boolean, row: Partial<Vdev> = {}): Vdev => {
    const made = disk(`${name}${index}`, row)
    truth.set(made, { whole })
    return made
  }
  const failed = (name = 'd') => leaf(name, false, { state: 'FAULTED' })
  const spare = () => leaf('s', !unfinished, { kind: spareKind, ...(unfinished ? { note: '(resilvering)' } : {}) })
  const incoming = () => leaf('n', false, unfinished ? { note: '(resilvering)' } : {})
  const makes: Record<Place, () => Vdev> = {
    well: () => leaf('d', true),
    failed: () => failed(),
    behind: () => leaf('d', false, { note: '(resilvering)' }),
    replaced: () => group(`replacing-${index}`, 'replacing', [leaf('d', true), incoming()]),
    'replaced-dead': () =>
      group(`replacing-${index}`, 'replacing', [failed(), incoming(), incoming()], { state: 'DEGRADED' }),
    spared: () => group(`spare-${index}`, 'spare', [failed(), spare()], { state: 'DEGRADED' }),
    'spared-well': () => group(`spare-${index}`, 'spare', [leaf('d', true), spare()]),
    nested: () =>
      group(
        `spare-${index}`,
        'spare',
        [group(`replacing-0`, 'replacing', [failed(), incoming()], { state: 'DEGRADED' }), spare()],
        { state: 'DEGRADED' },
      ),
  }
  return makes[kind]()
}

const anyCase = (places: fc.Arbitrary<Place>, most: number): fc.Arbitrary<Case> =>
  fc
    .record({
      kind: fc.constantFrom<[Vdev['kind'], string, number]>(
        ['mirror', 'mirror-0', 0],
        ['raidz', 'raidz1-0', 1],
        ['raidz', 'raidz2-0', 2],
        ['raidz', 'raidz3-0', 3],
        ['draid', 'draid1:2d:4c:1s-0', 1],
        ['draid', 'draid2:2d:5c:1s-0', 2],
      ),
      places: fc.array(places, { minLength: 2, maxLength: most }),
      unfinished: fc.boolean(),
    })
    .map(({ kind: [kind, name, parity], places: wanted, unfinished }) => {
      const truth: Truth = new Map()
      const isDraid = kind === 'draid'
      const size = isDraid ? (parity === 1 ? 4 : 5) : Math.max(wanted.length, parity + 1)
      // One distributed spare stands in for one disk only.
      let spares = isDraid ? 1 : size
      const filled = Array.from({ length: size }, (_, index) => wanted[index] ?? 'well').map((place) => {
        if (!/spared|nested/.test(place)) return place
        spares -= 1
        return spares < 0 ? 'failed' : place
      })
      const children = filled.map((place, index) =>
        placeOf(place, index, unfinished, isDraid ? 'draid-spare' : 'disk', truth),
      )
      const lost = children.filter((child) => !isWorking(child)).length
      const state = lost > (kind === 'mirror' ? size - 1 : parity) ? 'UNAVAIL' : lost > 0 ? 'DEGRADED' : 'ONLINE'
      const vdev = group(name, kind, children, { state })
      const status = poolStatus('p', [vdev])
      status.scans = unfinished ? [{ kind: 'resilver', state: 'in-progress', errors: null }] : status.scans
      return { vdev, truth, resilver: resilverOf(status, vdev) }
    })

const everything: Place[] = ['well', 'failed', 'behind', 'replaced', 'replaced-dead', 'spared', 'spared-well', 'nested']
/** What a dRAID tells without doubt: see `isCertain` of a margin. */
const unambiguous = ({ vdev, resilver }: Case) => vdev.kind !== 'draid' || !resilver.toDistributedSpare
const cases = anyCase(fc.constantFrom<Place[]>('well', 'well', ...everything), 5).filter(unambiguous)

/** Whether an answer promises more than is true, for any vdev; the counterexample otherwise. */
const promisesTooMuch = (answer: (one: Case) => number): boolean =>
  fc.check(
    fc.property(cases, (one) => answer(one) <= fewest(one.vdev, one.truth)),
    { numRuns: 300, seed: 4 },
  ).failed

const isExact = ({ vdev, resilver }: Case) =>
  !resilver.hidden && (vdev.kind !== 'draid' || vdev.children.every(({ name }) => !name.startsWith('spare')))
/** Wrong: the state says whether a disk is there, not whether it has its data. */
const byState = ({ vdev }: Case) => parityOf(vdev) + 1 - vdev.children.filter((child) => !isWorking(child)).length
/** Wrong: as long as it is being replaced, the new disk is behind. */
const believing = ({ vdev, resilver }: Case) =>
  failuresToLose(
    { ...vdev, children: vdev.children.map((child) => (child.kind === 'replacing' ? disk('x') : child)) },
    resilver,
  )

describe('how many disks can be lost, against every set of failures', () => {
  test('it never promises more than there is', () => {
    expect(promisesTooMuch(({ vdev, resilver }) => failuresToLose(vdev, resilver))).toBe(false)
  })

  test('nor less, but for what stands beside a distributed spare', () => {
    const exact = cases.filter(isExact)
    fc.assert(
      fc.property(exact, ({ vdev, truth, resilver }) => {
        expect(failuresToLose(vdev, resilver)).toBe(fewest(vdev, truth))
      }),
      { numRuns: 300 },
    )
  })

  test('that is seen here: counting children that are ONLINE promises too much', () => {
    expect(promisesTooMuch(byState)).toBe(true)
  })

  test('and so does believing in the new disk of a replacement', () => {
    expect(promisesTooMuch(believing)).toBe(true)
  })

  test('while a distributed spare is written, the margin is the most that it can be', () => {
    const doubtful = anyCase(fc.constantFrom<Place>('well', 'well', 'failed', 'spared'), 5).filter(
      (one) => !unambiguous(one),
    )
    fc.assert(
      fc.property(doubtful, ({ vdev, truth, resilver }) => {
        expect(failuresToLose(vdev, resilver)).toBe(fewest(vdev, truth))
      }),
      { numRuns: 50 },
    )
  })
})
