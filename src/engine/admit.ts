import type { LockRequest, Lock } from '../domain/run.ts'
import { rank } from '../domain/run.ts'
import { milliseconds, seconds, type Instant, type Duration } from '../domain/units.ts'
import type { EngineOptions, Gate } from './options.ts'
import type { Session } from './session.ts'
import type { Bell } from './wait.ts'

/** What letting a run work needs of the engine. */
export interface Admission<World> extends Pick<EngineOptions<World>, 'clock' | 'gate'> {
  /** Rings when a lock is free, a run has ended, or a gate may have opened. */
  bell: Bell
  /** Who waits for which locks: what gives way does not come back before those it gave way to. */
  queue: Map<string, { rank: number; keys: readonly string[] }>
  /** Asks another run to give way. */
  makeRoom: (run: string, reason: string) => Promise<void>
}

/** So often it is looked again, where nothing rings. */
const again = seconds(5)

/**
 * One try to let a waiting run work: the gate is asked, and all locks are taken with the word that it works. An emergency
 * takes them in any case. Undefined when it works now, else why not.
 */
export async function tryToAdmit<World>(
  session: Session,
  requests: readonly LockRequest[],
  { clock, gate, makeRoom, queue }: Admission<World>,
): Promise<{ reason: string; until: Instant | null } | undefined> {
  const { record } = session
  const isEmergency = record.class === 'emergency'
  // What is taken back is no new work.
  const isUndo = session.journal.purpose === 'undo'
  const open: Gate = isUndo ? { open: true } : await (gate?.(record, { starting: isNew(session) }) ?? { open: true })
  if (!open.open) return { reason: open.reason, until: open.until }
  const keys = requests.map(({ key }) => key)
  const first = [...queue].find(
    ([run, waiting]) =>
      run !== record.id && waiting.rank > rank(record.class) && waiting.keys.some((key) => keys.includes(key)),
  )
  if (first !== undefined) return { reason: `waits: run ${first[0]} comes first`, until: null }
  let standing: Lock[] = []
  const isIn = await session.write(
    // A child is started with the word that it works.
    ({ state }) => [
      ...(state === 'planned' ? [{ kind: 'started' as const, by: record.requestedBy }] : []),
      { kind: 'locks-taken' },
    ],
    {
      guard: async (transaction) => {
        standing = await transaction.takeLocks(record.id, requests, {
          class: record.class,
          at: clock.now(),
          force: isEmergency,
        })
        return standing.length === 0 || isEmergency
      },
    },
  )
  const giveWay = standing.filter((lock) => rank(lock.class) < rank(record.class))
  for (const { run } of giveWay) {
    await makeRoom(run, `gives way to "${record.title}" (run ${record.id})`)
  }
  if (isIn) {
    queue.delete(record.id)
    return undefined
  }
  queue.set(record.id, { rank: rank(record.class), keys })
  const held = standing.map(({ key, run }) => `${key} is held by run ${run}`).join('; ')
  return { reason: `waits: ${held}`, until: null }
}

/** Whether nothing of it has been done yet. */
export const isNew = ({ journal }: Session): boolean =>
  Object.values(journal.forwards).every(({ begunAt, finished }) => begunAt === undefined && finished === undefined)

/** Waits until it is worth trying again. */
export async function waitToBeAdmitted<World>(
  { clock, bell }: Admission<World>,
  until: Instant | null,
  signal: AbortSignal,
): Promise<void> {
  const atMost: Duration =
    until === null ? again : milliseconds(Math.min(again * 12, Math.max(100, until - clock.now())))
  await bell.heard(clock, atMost, signal)
}

/** Whether a run that works must stand still by now; the reason, or undefined. */
export async function mustPause<World>(
  session: Session,
  { gate }: Pick<EngineOptions<World>, 'gate'>,
): Promise<string | undefined> {
  const open: Gate = await (gate?.(session.record, { starting: false }) ?? { open: true })
  return open.open ? undefined : open.reason
}
