import { UnexpectedOutput } from '../domain/errors.ts'
import { bounded, isError, type LogEntry, type LogItem, type LogQuery, type LogSource } from '../domain/logs/log.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Logs } from '../domain/ports/logs.ts'
import { Instant, minutes, seconds } from '../domain/units.ts'
import { pause } from '../observe/pause.ts'
import { faultNamed } from './faults/index.ts'
import type { SimHostState, World } from './world.ts'

/** What the programs of one simulated host say: the same for the same world. Nothing is stored; it follows from time. */
export function simLogs(world: World, host: SimHostState, clock: Clock): Logs {
  return {
    async *read(query, signal) {
      const after = query.cursor === undefined ? undefined : readCursor(query.cursor)
      const unknown = query.stores?.filter((name) => host.stores.every((store) => store.name !== name)) ?? []
      if (unknown.length > 0) throw new UnexpectedOutput(`${host.name} has no store ${unknown.join(', ')}`, '')
      let cursor = query.cursor ?? null
      let from = after?.at ?? query.since ?? world.now - minutes(60)
      let skip = after?.place ?? -1
      yield alive(clock, cursor)
      for (;;) {
        signal.throwIfAborted()
        const now = clock.now()
        const until = Math.min(query.until ?? now, now)
        const said = saidBetween(world, host, query.source, from, until)
        for (const [place, entry] of said.entries()) {
          const ofThisMoment = place - said.findIndex(({ at }) => at === entry.at)
          if (entry.at === from && ofThisMoment <= skip) continue
          cursor = `${entry.at}.${ofThisMoment}`
          if (isWanted(entry, query)) yield { ...entry, cursor }
        }
        if (said.length > 0) {
          const read = cursor === null ? undefined : readCursor(cursor)
          from = read?.at ?? from
          skip = read?.place ?? skip
        }
        if (!query.follow) break
        yield alive(clock, cursor)
        await pause(clock, seconds(1), signal)
      }
      yield { kind: 'end', cursor }
    },
  }
}

function alive(clock: Clock, cursor: string | null): LogItem {
  const at = clock.now()
  return { kind: 'alive', at, upTo: at, cursor }
}

type Said = Omit<LogEntry, 'cursor'>

function readCursor(cursor: string): { at: number; place: number } {
  const { at, place } = /^(?<at>\d{1,15})\.(?<place>\d{1,6})$/.exec(cursor)?.groups ?? {}
  if (at === undefined) throw new UnexpectedOutput('that is no cursor of simulated logs', cursor)
  return { at: Number(at), place: Number(place) }
}

const isWanted = (entry: Said, { errors, stores }: LogQuery): boolean =>
  (!errors || isError(entry)) && (stores === undefined || (entry.store !== null && stores.includes(entry.store)))

/** What each daemon says when all is well, and how often. */
const usual: Partial<Record<LogSource, { every: number; text: string }>> = {
  cluster: { every: minutes(5), text: 'INFO\tpintracker\tstateless/stateless.go:512\trecovering pins' },
  kubo: { every: minutes(10), text: 'INFO\tcore\tcore/core.go:77\treprovide ended' },
}

/** Messages of a source in the order of time, both ends included. */
function saidBetween(world: World, host: SimHostState, source: LogSource, from: number, until: number): Said[] {
  const said: Said[] = []
  const { every, text } = usual[source] ?? { every: 0, text: '' }
  for (let at = Math.ceil(from / Math.max(1, every)) * every; every > 0 && at <= until; at += every) {
    for (const { name } of host.stores) said.push(message(at, name, source, 'info', text))
  }
  for (const { at, kind, subject } of world.effects) {
    if (at < from || at > until || !kind.startsWith('fault ')) continue
    const isMended = kind === 'fault mended'
    const { title, expects } = faultNamed(subject)
    const stores = expects.flatMap((expected) => storesOf(host, source, expected.subject))
    for (const store of new Set(stores)) {
      said.push(message(at, store, source, isMended ? 'notice' : 'error', isMended ? `well again: ${title}` : title))
    }
  }
  return said.toSorted((a, b) => a.at - b.at)
}

/** The stores of which a source speaks when this subject is in trouble; null where it speaks of none in particular. */
function storesOf(host: SimHostState, source: LogSource, subject: string): (string | null)[] {
  const [name, part = '', leaf] = subject.split('/')
  if (name !== host.name) return []
  const ofPool = host.stores.find(({ pool }) => pool === part)
  if (source === 'zfs') return ofPool === undefined ? [] : [ofPool.name]
  if (source === 'kernel') return ofPool !== undefined && leaf !== undefined ? [null] : []
  return leaf === (source === 'cluster' ? 'peer' : 'kubo') ? [part] : []
}

function message(at: number, store: string | null, source: LogSource, level: LogEntry['level'], text: string): Said {
  const froms = {
    cluster: `ipfs-cluster@${store}.service`,
    kubo: `ipfs@${store}.service`,
    zfs: `${store}-tier`,
    kernel: 'kernel',
  }
  return { kind: 'entry', at: Instant.parse(Math.floor(at)), level, store, from: froms[source], ...bounded(text) }
}
