import type { RunStore } from '../domain/ports/run-store.ts'
import { type LockRequest, rank, type RunClass } from '../domain/run.ts'
import { excludes } from '../domain/subject.ts'

/** What a run needs, to work. */
export interface Want {
  run: string
  /** The run that it is a part of, or itself: parts of one run do not wait for each other's turn. */
  family: string
  title: string
  class: RunClass
  locks: readonly LockRequest[]
}

/** Who stands in the way: by a lock that is held, or, where there is no key, by being first in the queue. */
export interface Blocker {
  run: string
  rank: number
  key: string | undefined
}

interface Held extends LockRequest {
  run: string
  rank: number
}

interface Waiting {
  want: Want
  wake: () => void
}

/**
 * Who may work next. Locks lie in the store; here is what they are, so that nobody has to ask it again and again. Who waits is in the
 * queue in the order of coming, and is woken when a lock is let go that it wants. What comes first on a lock:
 *
 * - a higher class before a lower one, so that whoever was made to give way does not come back before those it gave way to;
 * - of one class, who has waited longest: so one that wants many locks gets them in the end. The others pass where they want
 *   nothing of it.
 */
export class Scheduler {
  readonly #store: RunStore
  readonly #giveWay: (run: string, reason: string) => void
  /** What is held, by the part of its key that whatever excludes it has too. */
  readonly #held = new Map<string, Set<Held>>()
  readonly #queue = new Map<string, Waiting>()
  readonly #watching = new Map<string, { places: ReadonlySet<string>; wake: () => void }>()
  #loaded: Promise<void> | undefined

  constructor(store: RunStore, giveWay: (run: string, reason: string) => void) {
    this.#store = store
    this.#giveWay = giveWay
  }

  /** To be waited for before anything else: what the store has is known then. */
  async ready(): Promise<void> {
    this.#loaded ??= this.reload()
    try {
      await this.#loaded
    } catch (error) {
      this.#loaded = undefined
      throw error
    }
  }

  /** After a write of which nobody knows whether it came about. */
  async reload(): Promise<void> {
    const locks = await this.#store.transaction(async (transaction) => transaction.locks())
    this.#held.clear()
    for (const lock of locks) this.#hold({ ...lock, rank: rank(lock.class) })
    for (const { wake } of [...this.#queue.values(), ...this.#watching.values()]) wake()
  }

  /** Who stands in the way of it now; none when it could work. An emergency waits for nobody: whoever holds its locks is told. */
  blockers(want: Want): Blocker[] {
    const mine = rank(want.class)
    const first = want.class === 'emergency' ? [] : this.#before(want)
    return want.locks.flatMap((lock) => {
      const held = [...(this.#held.get(placeOf(lock.key)) ?? [])]
      const others = held.filter(({ run }) => run !== want.run)
      // One that is to be undone may wait with its locks in hand: nobody in the queue comes before it there.
      if (held.some(({ run, key }) => run === want.run && key === lock.key)) return inTheWay(lock, others)
      const waiting = first.flatMap(({ want: { run, locks } }) =>
        locks.map((one) => ({ ...one, run, rank: mine, isWaiting: true })),
      )
      return inTheWay(lock, [...others, ...waiting])
    })
  }

  /** Takes all locks or none; answers with who stands in the way. What is taken is to be written to the store at once, or dropped. */
  take(want: Want): Blocker[] {
    const blockers = this.blockers(want)
    if (blockers.length > 0 && want.class !== 'emergency') return blockers
    this.#remove(want.run)
    this.#queue.delete(want.run)
    for (const lock of want.locks) this.#hold({ ...lock, run: want.run, rank: rank(want.class) })
    this.#ask(want, blockers)
    return []
  }

  /** Has it wait for its locks, until it has taken them or leaves; `wake` is called when it is worth trying again. */
  wait(want: Want, wake: () => void): void {
    this.#queue.set(want.run, { want, wake })
    this.#ask(want, this.blockers(want))
  }

  /** It wants nothing any more; those behind it may try. */
  leave(run: string): void {
    const waiting = this.#queue.get(run)
    if (waiting === undefined) return
    this.#queue.delete(run)
    this.#wake(waiting.want.locks.map(({ key }) => placeOf(key)))
  }

  /** Its locks are free, in the store too. */
  drop(run: string): void {
    this.#wake(this.#remove(run))
  }

  /** Wakes whoever has others wait for it, when one of these locks is let go. */
  watch(run: string, locks: readonly LockRequest[], wake: () => void): void {
    this.#watching.set(run, { places: new Set(locks.map(({ key }) => placeOf(key))), wake })
  }

  unwatch(run: string): void {
    this.#watching.delete(run)
  }

  /** Why a run that holds its locks is to give way; undefined where nobody of a higher class wants them. */
  pressure(want: Want): string | undefined {
    for (const { want: other } of this.#queue.values()) {
      if (rank(other.class) > rank(want.class) && this.blockers(other).some(({ run }) => run === want.run)) {
        return reasonToGiveWay(other)
      }
    }
    return undefined
  }

  /** Those in the queue that come before it. */
  #before({ run: own, family, class: ofClass }: Want): Waiting[] {
    const before: Waiting[] = []
    let isFirst = true
    for (const waiting of this.#queue.values()) {
      const { run, family: of, class: its } = waiting.want
      if (rank(its) > rank(ofClass)) {
        if (of !== family) before.push(waiting)
      } else if (its === ofClass) {
        if (isFirst && run !== own && of !== family) before.push(waiting)
        isFirst = false
      }
    }
    return before
  }

  #ask(want: Want, blockers: readonly Blocker[]): void {
    for (const { run, key, rank: its } of blockers) {
      if (key !== undefined && its < rank(want.class)) this.#giveWay(run, reasonToGiveWay(want))
    }
  }

  #hold(held: Held): void {
    const place = placeOf(held.key)
    const there = this.#held.get(place) ?? new Set()
    this.#held.set(place, there.add(held))
  }

  /** Answers with the places of what it held. */
  #remove(run: string): string[] {
    const places: string[] = []
    for (const [place, there] of this.#held) {
      for (const held of there) {
        if (held.run !== run) continue
        there.delete(held)
        places.push(place)
      }
      if (there.size === 0) this.#held.delete(place)
    }
    return places
  }

  #wake(places: readonly string[]): void {
    if (places.length === 0) return
    for (const { want, wake } of this.#queue.values()) {
      if (want.locks.some(({ key }) => places.includes(placeOf(key)))) wake()
    }
    for (const { places: its, wake } of this.#watching.values()) if (places.some((place) => its.has(place))) wake()
  }
}

/** Whatever excludes another has this part in common with it: the host, for what lies on one. */
const placeOf = (key: string): string => {
  const name = key.slice(key.indexOf(':') + 1)
  const end = name.indexOf('/')
  return end === -1 ? name : name.slice(0, end)
}

function inTheWay(lock: LockRequest, others: readonly (Held & { isWaiting?: boolean })[]): Blocker[] {
  const same = others.filter(({ key }) => key === lock.key)
  const room = Math.min(lock.capacity, ...same.map(({ capacity }) => capacity))
  const around = others.filter(({ key }) => key !== lock.key && excludes(key, lock.key))
  return [...(same.length < room ? [] : same), ...around].map(({ run, rank: its, key, isWaiting = false }) => ({
    run,
    rank: its,
    key: isWaiting ? undefined : key,
  }))
}

const reasonToGiveWay = ({ run, title }: Want): string => `gives way to "${title}" (run ${run})`

/** `waits: pool:n1/hot is held by run …`. */
export function whyWaiting(blockers: readonly Blocker[]): string {
  const says = blockers.map(({ run, key }) =>
    key === undefined ? `run ${run} comes first` : `${key} is held by run ${run}`,
  )
  return `waits: ${[...new Set(says)].join('; ')}`
}
