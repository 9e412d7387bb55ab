import { readFileSync } from 'node:fs'
import { NotPermitted, OpsError, ProgramMissing } from '../../domain/errors.ts'
import type { LocalStore } from '../../domain/fleet.ts'
import type { LogItem, LogQuery } from '../../domain/logs/log.ts'
import { bounded } from '../../domain/logs/log.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import type { Logs } from '../../domain/ports/logs.ts'
import { Instant, seconds } from '../../domain/units.ts'
import type { Executor } from '../agent/executor-client.ts'
import type { Exec } from '../system/exec.ts'
import { withHeartbeat } from './heartbeat.ts'
import {
  checkJournal,
  isJournalCursor,
  isUnitName,
  kernelMatches,
  NoJournal,
  readJournal,
  unitMatches,
} from './journal.ts'
import { parseKernelRecords } from './kernel-records.ts'
import { readKernelRing } from './kernel-ring.ts'
import type { Progress } from './progress.ts'
import { isRingCursor, type Ring, readRing } from './ring.ts'
import { parseZfsEvents } from './zfs-events.ts'

/** What was asked of the logs of a host does not fit it. */
export class LogQueryRefused extends OpsError {
  readonly remedy = 'stop'
}

export interface LocalLogsOptions {
  stores: readonly LocalStore[]
  clock: Clock
  exec: Exec
  /** Reads what needs root; without it, this process tries with its own rights. */
  executor: Pick<Executor, 'zpoolEvents' | 'kernelLog'> | undefined
  isRoot: boolean
  /** The program `journalctl`. */
  journalctl: string
  bootId?: () => string
}

/** How often the kernel's rings are looked at while they are followed. */
const every = seconds(2)
const heartbeatEvery = seconds(1)

/** Between a message being written and our hearing of it. */
const settleMs = 500

/** The logs of the machine that this process runs on. */
export function localLogs(options: LocalLogsOptions): Logs {
  const { clock } = options
  return {
    read(query, signal) {
      const stop = new AbortController()
      const ended = AbortSignal.any([signal, stop.signal])
      const progress: Progress = { cursor: null, upTo: null, isLive: false }
      const items = async function* items(): AsyncGenerator<LogItem, void, undefined> {
        yield* readSource(options, query, progress, ended)
        signal.throwIfAborted()
        yield { kind: 'end', cursor: progress.cursor }
      }
      return withHeartbeat(items(), {
        clock,
        every: heartbeatEvery,
        alive: () => {
          const at = clock.now()
          const upTo = progress.isLive ? Instant.parse(at - settleMs) : progress.upTo
          return { kind: 'alive', at, upTo, cursor: progress.cursor }
        },
        stop: () => stop.abort(),
      })
    },
  }
}

async function* readSource(
  options: LocalLogsOptions,
  query: LogQuery,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<LogItem, void, undefined> {
  const stores = chosenStores(options.stores, query)
  switch (query.source) {
    case 'cluster':
    case 'kubo': {
      yield* unitsOf(options, stores, query, progress, signal)
      break
    }
    case 'zfs': {
      yield* readRing(zfsRing(options, stores, query), query, progress, signal)
      break
    }
    case 'kernel': {
      yield* kernel(options, query, progress, signal)
      break
    }
  }
}

function chosenStores(stores: readonly LocalStore[], { stores: wanted }: LogQuery): readonly LocalStore[] {
  if (wanted === undefined) return stores
  const unknown = wanted.filter((name) => stores.every((store) => store.name !== name))
  if (unknown.length > 0) {
    throw new LogQueryRefused(
      `this host has no store ${unknown.join(', ')}; it has: ${stores.map(({ name }) => name).join(', ') || 'none'}`,
    )
  }
  return stores.filter(({ name }) => wanted.includes(name))
}

/** The journal of the units that the host's own file declares: no name that a caller sends comes here. */
async function* unitsOf(
  { clock, journalctl }: LocalLogsOptions,
  stores: readonly LocalStore[],
  query: LogQuery,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<LogItem, void, undefined> {
  const daemon = query.source === 'cluster' ? 'cluster' : 'kubo'
  const byUnit = new Map<string, string>()
  const hint = `in /etc/tiercel/agent.yaml: units: { ${daemon}: NAME.service }`
  for (const { name, units } of stores) {
    const unit = units?.[daemon]
    if (unit === undefined) {
      yield { kind: 'trouble', text: `the store ${name} names no systemd unit of its ${daemonName[daemon]}`, hint }
    } else if (isUnitName(unit)) {
      byUnit.set(withSuffix(unit), name)
    } else {
      yield { kind: 'trouble', text: `the store ${name} has a unit whose name is none: ${unit}`, hint }
    }
  }
  if (byUnit.size === 0) {
    throw new LogQueryRefused(
      stores.length === 0
        ? 'this host declares no stores, so it has no units to read'
        : `no store of this host names the unit of its ${daemonName[daemon]}, so there is nothing to read; ${hint}`,
    )
  }
  refuseCursor(query, isJournalCursor)
  await checkJournal(journalctl, signal)
  const matches = unitMatches([...byUnit.keys()])
  yield* readJournal({ program: journalctl, clock, matches, stores: byUnit }, query, progress, signal)
}

const daemonName = { cluster: 'Cluster peer', kubo: 'Kubo' } as const

/** As systemctl(1) does it: a name without a type is a service. */
const withSuffix = (unit: string): string => (/\.[a-z]+$/.test(unit) ? unit : `${unit}.service`)

function refuseCursor({ cursor, source }: LogQuery, isRight: (cursor: string) => boolean): void {
  if (cursor === undefined || isRight(cursor)) return
  throw new LogQueryRefused(`that is no cursor of ${source} logs; begin with --since instead`)
}

function zfsRing(options: LocalLogsOptions, stores: readonly LocalStore[], query: LogQuery): Ring {
  refuseCursor(query, isRingCursor)
  const wantedPools = query.stores === undefined ? undefined : new Set(stores.map(({ pool }) => pool))
  return {
    ...ringOf(options, 'events of ZFS', 1),
    async read(signal) {
      return parseZfsEvents(await zpoolEvents(options, signal)).map(({ eid, at, pool, level, text }) => {
        const onPool = stores.filter((store) => store.pool === pool)
        const [only] = onPool
        return {
          number: eid,
          at,
          level,
          store: onPool.length === 1 && only !== undefined ? only.name : null,
          from: pool ?? 'zfs',
          // Numbers must have no gaps: what is not wanted goes when they have been looked at.
          isHidden: wantedPools !== undefined && (pool === null || !wantedPools.has(pool)),
          ...bounded(text),
        }
      })
    },
  }
}

function ringOf({ clock, bootId = thisBoot }: LocalLogsOptions, what: string, first: number) {
  return { what, first, clock, every, bootId: bootId() }
}

const thisBoot = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

async function zpoolEvents(
  { exec, executor, isRoot }: Pick<LocalLogsOptions, 'exec' | 'executor' | 'isRoot'>,
  signal: AbortSignal,
): Promise<string> {
  if (isRoot) return exec('zpool', ['events', '-H', '-v'], { signal })
  if (executor !== undefined) return executor.zpoolEvents(signal)
  throw new NotPermitted(
    'only root may read the events of ZFS',
    'run it as root, or install agent and executor: sudo tiercel agent install',
  )
}

/** The journal where there is one: it reaches back over starts of the machine. Else the kernel's own ring. */
async function* kernel(
  options: LocalLogsOptions,
  query: LogQuery,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<LogItem, void, undefined> {
  const { journalctl, clock } = options
  try {
    if (query.cursor !== undefined && isRingCursor(query.cursor)) throw new NoJournal('read from the ring before')
    await checkJournal(journalctl, signal)
  } catch (error) {
    const isAbsent = error instanceof NoJournal || error instanceof ProgramMissing || error instanceof NotPermitted
    if (!isAbsent || (query.cursor !== undefined && isJournalCursor(query.cursor))) throw error
    if (error instanceof NotPermitted) yield { kind: 'trouble', text: error.message, hint: error.hint }
    yield* readRing(kernelRing(options, query), query, progress, signal)
    return
  }
  refuseCursor(query, isJournalCursor)
  yield* readJournal({ program: journalctl, clock, matches: kernelMatches, stores: new Map() }, query, progress, signal)
}

function kernelRing(options: LocalLogsOptions, query: LogQuery): Ring {
  refuseCursor(query, isRingCursor)
  const { clock, executor } = options
  return {
    ...ringOf(options, 'kernel messages', 0),
    async read(signal) {
      // The kernel counts from its start, on a clock that stands still while the machine sleeps.
      const startedAt = Instant.parse(Math.floor(clock.now() - Number(process.hrtime.bigint() / 1_000_000n)))
      const records = parseKernelRecords(await kernelLog(executor, signal), startedAt)
      return records.map(({ sequence, at, level, text }) => ({
        number: sequence,
        at,
        level,
        store: null,
        from: 'kernel',
        ...bounded(text),
      }))
    },
  }
}

async function kernelLog(executor: LocalLogsOptions['executor'], signal: AbortSignal): Promise<string> {
  try {
    return readKernelRing()
  } catch (error) {
    if (executor !== undefined) return executor.kernelLog(signal)
    throw new NotPermitted(
      'the kernel’s messages may not be read by the user that runs this',
      'run it as root, or install agent and executor: sudo tiercel agent install',
      { cause: error },
    )
  }
}
