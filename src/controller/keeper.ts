import type { AuditEntry } from '../domain/audit-entry.ts'
import { exportText } from '../domain/audit-export.ts'
import type { Keep } from '../domain/controller-config.ts'
import { explain } from '../domain/errors.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { ControllerStore } from '../domain/ports/controller-store.ts'
import type { Staying } from '../domain/ports/retention.ts'
import { hours, Instant, days, minutes } from '../domain/units.ts'

const firstAfter = minutes(5)
const every = hours(1)

/** A page of the audit: one file. */
const pageSize = 1000

/** The audit is not cut for a few entries: a file a week, or a file of a whole page. */
const worthAFile = days(7)

/** Keeps what is over within its bounds. */
export interface Keeper {
  start(): void
  /** Ends between two transactions. */
  stop(): Promise<void>
  /** Once, until nothing more is to go. */
  tend(): Promise<void>
}

export function createKeeper(options: {
  store: Pick<ControllerStore, 'transaction' | 'retention' | 'audit'>
  clock: Clock
  keep: Keep
  /** Procedures of which something stays in the world. */
  staying: Staying
  /** Writes a file that is there for good when it resolves; gives its place. */
  writeExport: (name: string, text: string) => Promise<string>
  log: { info(text: string): void; error(text: string): void }
}): Keeper {
  const { store, clock, keep, staying, writeExport, log } = options
  let isStopped = false
  let cancel: (() => void) | undefined
  let tending: Promise<void> = Promise.resolve()

  const before = (kept: number): Instant => Instant.parse(Math.max(0, Math.round(clock.now() - kept)))

  const untilNone = async (what: string, forgetSome: () => Promise<number>): Promise<void> => {
    let gone = 0
    for (let some = 1; some > 0 && !isStopped;) {
      some = await forgetSome()
      gone += some
    }
    if (gone > 0) log.info(`${gone} ${what} are not kept any more`)
  }

  /** How many of the oldest entries were cut. Nothing that is not as it was written is cut: somebody has to look at it. */
  const cutAudit = async (): Promise<number> => {
    const { audit } = store
    const origin = await audit.origin()
    const [newest] = await audit.list({ limit: 1 })
    const [oldest] = await audit.after(origin.sequence, 1)
    if (newest === undefined || oldest === undefined) return 0
    const limit = before(keep.audit)
    const surplus = newest.sequence - origin.sequence - keep.mostAudit
    if (oldest.at >= limit - worthAFile && surplus < pageSize) return 0
    const { last, fault } = await audit.verifyPage(null)
    if (fault !== null) throw new Error(`the audit is not cut: ${fault.says}`)
    const page = await audit.after(origin.sequence, pageSize)
    const isOld = ({ at, sequence }: AuditEntry): boolean =>
      (at < limit || sequence <= origin.sequence + surplus) &&
      sequence <= (last?.sequence ?? 0) &&
      sequence < newest.sequence
    const firstKept = page.findIndex((entry) => !isOld(entry))
    const entries = firstKept === -1 ? page : page.slice(0, firstKept)
    const end = entries.at(-1)
    if (end === undefined) return 0
    const name = `audit-${numbered(origin.sequence + 1)}-${numbered(end.sequence)}.jsonl`
    const file = await writeExport(name, exportText(origin, entries))
    await store.transaction(async (transaction) => {
      await transaction.audit.cut({ sequence: end.sequence, hash: end.hash })
      await transaction.audit.add({
        at: clock.now(),
        who: 'the controller',
        what: 'cut of the audit',
        subject: file,
        outcome: `done: up to entry ${end.sequence}, with the hash ${end.hash}`,
      })
    })
    return entries.length
  }

  /** What must stay is bounded by people alone. */
  const tellOfMany = async (): Promise<void> => {
    const kept = await store.retention.keptRuns(staying)
    if (kept <= keep.mostRuns) return
    const names = staying.length === 0 ? '' : `, or something of them stays in the world (${staying.join(', ')})`
    log.error(
      `${kept} runs stay, more than the ${keep.mostRuns} of keep.mostRuns: they are not over${names}. tiercel runs list shows them; tiercel runs undo, or leave, lets one go`,
    )
  }

  const tend = async (): Promise<void> => {
    const { retention } = store
    const parts: [string, () => Promise<number>][] = [
      ['runs', async () => retention.forgetRuns({ before: before(keep.runs), most: keep.mostRuns }, staying)],
      [
        'transcripts',
        async () =>
          retention.forgetTranscripts({ before: before(keep.transcripts), most: keep.mostTranscriptMiB * 2 ** 20 }),
      ],
      ['entries of the audit', cutAudit],
    ]
    for (const [what, forgetSome] of parts) {
      await untilNone(what, forgetSome).catch((error: unknown) => log.error(`${what} are kept: ${explain(error)}`))
    }
    await tellOfMany().catch((error: unknown) => log.error(`runs cannot be counted: ${explain(error)}`))
  }

  const later = (delay: typeof every): void => {
    cancel = clock.after(delay, () => {
      tending = tend().finally(() => {
        if (!isStopped) later(every)
      })
    })
  }

  return {
    tend,
    start: () => later(firstAfter),
    async stop() {
      isStopped = true
      cancel?.()
      await tending
    },
  }
}

/** So that the names sort as the numbers do. */
const numbered = (sequence: number): string => String(sequence).padStart(12, '0')
