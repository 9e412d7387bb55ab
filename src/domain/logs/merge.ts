import type { Clock } from '../ports/clock.ts'
import { type Duration, milliseconds, seconds } from '../units.ts'
import type { LogEntry, LogGap, LogItem, LogTrouble } from './log.ts'

/** What one source on one host sends. */
export interface LogStream {
  /** `n1/cluster`: unique among those that are merged. */
  name: string
  items: AsyncIterable<LogItem>
}

/** What comes out, over all streams. */
export type MergedLog =
  | {
      kind: 'item'
      stream: string
      item: LogEntry | LogGap
      /** It came after later ones of other streams had been given out: its stream was behind. */
      late: boolean
    }
  | { kind: 'trouble'; stream: string; trouble: LogTrouble }
  /** The clock of its host differs from ours by this much; its messages are put in order as if it did not. */
  | { kind: 'skew'; stream: string; ahead: number }
  /** The others no longer wait for it. */
  | { kind: 'behind'; stream: string }
  | { kind: 'caught-up'; stream: string }
  /** Everything up to this cursor has been given out, or was not asked for. */
  | { kind: 'cursor'; stream: string; cursor: string }
  | { kind: 'ended'; stream: string; error?: unknown }

interface State {
  name: string
  next: AsyncIterator<LogItem>
  /** The one item that has been fetched and not given out: no more is held of a stream. */
  head: { item: LogEntry | LogGap; key: number } | undefined
  fetching: boolean
  done: boolean
  /** Its own order is kept also where its clock was set back. */
  key: number
  /** Nothing that comes from it now is older. */
  upTo: number
  skew: number | undefined
  isBehind: boolean
}

/** Clocks that differ by less are taken to be one: the way here takes some of it. */
const smallSkew = seconds(2)

/**
 * Many streams as one, in the order of time. Each stream's own order is kept, and nothing is left out. A stream that gives
 * neither a message nor a sign that it has none holds up the others for `patience` at most; it is then told to be behind,
 * and what it has to say comes late. Of each stream one message is held: whoever reads slowly makes all of them wait.
 */
export async function* mergeLogs(
  streams: readonly LogStream[],
  { clock, patience }: { clock: Clock; patience: Duration },
): AsyncGenerator<MergedLog, void, undefined> {
  const told: MergedLog[] = []
  const states = streams.map(begin)
  /** The key of the newest message that was given out. */
  let latest = Number.NEGATIVE_INFINITY
  let waitingSince: number | undefined
  let wake = asleep

  const fetch = async (state: State): Promise<void> => {
    state.fetching = true
    try {
      const { done, value } = await state.next.next()
      if (done === true) end(state)
      else told.push(...take(state, value, clock.now()))
    } catch (error) {
      end(state, error)
    }
    state.fetching = false
    if (state.isBehind && state.upTo >= latest) {
      state.isBehind = false
      told.push({ kind: 'caught-up', stream: state.name })
    }
    wake()
  }
  const end = (state: State, error?: unknown): void => {
    state.done = true
    told.push({ kind: 'ended', stream: state.name, ...(error === undefined ? {} : { error }) })
  }

  try {
    for (;;) {
      for (const state of states) {
        if (state.head === undefined && !state.fetching && !state.done) void fetch(state)
      }
      for (let next = told.shift(); next !== undefined; next = told.shift()) yield next
      const first = firstOf(states)
      if (first === undefined && states.every(({ done }) => done)) {
        if (told.length === 0) return
        continue
      }
      const awaited = first === undefined ? [] : states.filter((state) => mayBeOlder(state, first.key))
      if (first !== undefined && awaited.length === 0) {
        waitingSince = undefined
        const { state, item, key } = first
        state.head = undefined
        yield { kind: 'item', stream: state.name, item, late: key < latest }
        latest = Math.max(latest, key)
        continue
      }
      const now = clock.now()
      waitingSince = first === undefined ? undefined : (waitingSince ?? now)
      if (waitingSince !== undefined && now - waitingSince >= patience) {
        for (const state of awaited) {
          state.isBehind = true
          told.push({ kind: 'behind', stream: state.name })
        }
        continue
      }
      const left = waitingSince === undefined ? undefined : milliseconds(waitingSince + patience - now)
      await new Promise<void>((resolve) => {
        const callOff = left === undefined ? undefined : clock.after(left, resolve)
        wake = () => {
          callOff?.()
          resolve()
        }
      })
    }
  } finally {
    for (const { next, done } of states) if (!done) void next.return?.().catch(() => undefined)
  }
}

const asleep = (): void => undefined

function begin({ name, items }: LogStream): State {
  const next = items[Symbol.asyncIterator]()
  const never = Number.NEGATIVE_INFINITY
  return {
    name,
    next,
    head: undefined,
    fetching: false,
    done: false,
    key: never,
    upTo: never,
    skew: undefined,
    isBehind: false,
  }
}

/** Takes in one item; what is to be told of it at once comes back. */
function take(state: State, item: LogItem, now: number): MergedLog[] {
  const { name: stream } = state
  switch (item.kind) {
    case 'entry':
    case 'gap': {
      state.key = Math.max(state.key, item.at - (state.skew ?? 0))
      state.upTo = Math.max(state.upTo, state.key)
      state.head = { item, key: state.key }
      return []
    }
    case 'alive': {
      const told: MergedLog[] = []
      if (state.skew === undefined) {
        const ahead = item.at - now
        state.skew = Math.abs(ahead) < smallSkew ? 0 : ahead
        if (state.skew !== 0) told.push({ kind: 'skew', stream, ahead })
      }
      if (item.upTo !== null) state.upTo = Math.max(state.upTo, item.upTo - state.skew)
      if (item.cursor !== null) told.push({ kind: 'cursor', stream, cursor: item.cursor })
      return told
    }
    case 'trouble': {
      return [{ kind: 'trouble', stream, trouble: item }]
    }
    case 'end': {
      break
    }
  }
  return item.cursor === null ? [] : [{ kind: 'cursor', stream, cursor: item.cursor }]
}

/** The oldest of the messages that are here. */
function firstOf(states: readonly State[]): { state: State; item: LogEntry | LogGap; key: number } | undefined {
  let first: { state: State; item: LogEntry | LogGap; key: number } | undefined
  for (const state of states) {
    const { head } = state
    if (head !== undefined && (first === undefined || head.key < first.key)) first = { state, ...head }
  }
  return first
}

/** Whether a stream could still bring something older than this. */
const mayBeOlder = ({ head, done, isBehind, upTo }: State, key: number): boolean =>
  head === undefined && !done && !isBehind && upTo < key
