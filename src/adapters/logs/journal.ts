import { NotPermitted, OpsError, UnexpectedOutput } from '../../domain/errors.ts'
import { isError, type LogGap, type LogItem, type LogQuery } from '../../domain/logs/log.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import { Instant, seconds } from '../../domain/units.ts'
import { CommandFailed } from '../system/exec.ts'
import { programLines } from '../system/lines-exec.ts'
import { journalFields, readJournalLine } from './journal-entry.ts'
import type { Progress } from './progress.ts'

/** There is no journal on this machine, or journald keeps none. */
export class NoJournal extends OpsError {
  readonly remedy = 'stop'
}

/** sd_journal_get_cursor(3), in the one shape that is ever put on a command line. */
const cursorShape =
  /^s=[0-9a-f]{32};i=[0-9a-f]{1,16};b=[0-9a-f]{32};m=[0-9a-f]{1,16};t=(?<microseconds>[0-9a-f]{1,16});x=[0-9a-f]{1,16}$/

export const isJournalCursor = (cursor: string): boolean => cursorShape.test(cursor)

/** When the message at a cursor was said. */
export function timeOfJournalCursor(cursor: string): Instant {
  return Instant.parse(
    Math.floor(Number.parseInt(cursorShape.exec(cursor)?.groups?.['microseconds'] ?? '0', 16) / 1000),
  )
}

/** Kernel messages, and what journald says when it could not read all of them (SD_MESSAGE_JOURNAL_MISSED). */
export const kernelMatches: readonly string[] = [
  '_TRANSPORT=kernel',
  '+',
  'MESSAGE_ID=e9bf28e6e834481bb6f48f548ad13606',
]

/** A name of systemd.unit(5) without patterns: `--unit` would take `*` for any. */
export const isUnitName = (name: string): boolean => /^[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\@-]{0,254}$/.test(name)

export const unitMatches = (units: readonly string[]): string[] => units.map((unit) => `--unit=${unit}`)

export interface JournalOptions {
  /** The program `journalctl`. */
  program: string
  clock: Clock
  /** What to read, as arguments. */
  matches: readonly string[]
  /** The store of each unit. */
  stores: ReadonlyMap<string, string>
}

/** Longest line of journalctl that is read; what is longer is told as a gap. */
const lineBytes = 1024 * 1024

/**
 * A journal that is not read can throw away what comes meanwhile. After a pause of this length we look whether what we
 * have read last is still there; if so, so is all that came after it.
 */
const longPause = seconds(30)

/**
 * Messages of the journal, in its order. First what is there, to its end, then what comes: only so is it known when
 * silence means that there is nothing (`isLive`).
 */
export async function* readJournal(
  options: JournalOptions,
  query: LogQuery,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<LogItem, void, undefined> {
  progress.cursor = query.cursor ?? null
  do {
    progress.isLive = false
    if (progress.cursor !== null) {
      const gap = await gapAfter(options, progress.cursor, signal)
      if (gap !== undefined) yield gap
    }
    if (yield* readOnce(options, query, progress, signal)) continue
    if (!query.follow || signal.aborted) return
    progress.isLive = true
    if (yield* readOnce({ ...options, follow: true }, query, progress, signal)) continue
    if (!signal.aborted) throw new NoJournal('journalctl has stopped following the journal')
  } while (!signal.aborted)
}

/** Reads to the end. True when it paused for so long that it must begin anew at its cursor. */
async function* readOnce(
  { program, clock, matches, stores, follow = false }: JournalOptions & { follow?: boolean },
  query: LogQuery,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<LogItem, boolean, undefined> {
  const from = progress.cursor
  const args = [
    ...journalArgs,
    `--output-fields=${journalFields.join(',')}`,
    // Without --no-tail, journalctl 252 shows ten entries after a cursor, and says nothing of the rest (measured).
    ...(follow ? ['--follow', '--no-tail'] : []),
    ...startOf(from, query.since),
    ...(query.until === undefined ? [] : [`--until=${secondsOf(query.until)}`]),
    ...matches,
  ]
  for await (const { text, isCut } of programLines(program, args, { signal, lineBytes })) {
    const item = isCut ? tooLong(text) : read(text, stores)
    if ('cursor' in item && item.cursor !== null) {
      // --cursor begins with the entry that we have.
      if (item.cursor === from) continue
      progress.cursor = item.cursor
      progress.upTo = Instant.parse('at' in item ? item.at : clock.now())
    }
    if (item.kind === 'entry' && query.errors && !isError(item)) continue
    const before = clock.now()
    yield item
    if (clock.now() - before > longPause) return true
  }
  return false
}

const journalArgs = ['--no-pager', '--output=json', '--all']

const secondsOf = (instant: Instant): string => `@${(instant / 1000).toFixed(3)}`

const startOf = (cursor: string | null, since: Instant | undefined): string[] => {
  if (cursor !== null) return [`--cursor=${cursor}`]
  return since === undefined ? [] : [`--since=${secondsOf(since)}`]
}

function read(line: string, stores: ReadonlyMap<string, string>): LogItem {
  try {
    return readJournalLine(line, stores)
  } catch (error) {
    if (!(error instanceof UnexpectedOutput)) throw error
    // One strange line must not end the watch over all others.
    return { kind: 'trouble', text: `${error.message}: ${error.raw.slice(0, 500)}` }
  }
}

/** The order of fields is any; the cursor and the time of a line that is too long may stand in what is left of it. */
function tooLong(head: string): LogItem {
  const cursor = /"__CURSOR":"([^"]+)"/.exec(head)?.[1] ?? null
  const microseconds = /"__REALTIME_TIMESTAMP":"(\d{1,16})"/.exec(head)?.[1]
  const text = `a message of more than ${lineBytes} bytes was left out`
  if (microseconds === undefined) return { kind: 'trouble', text }
  return {
    kind: 'gap',
    at: Instant.parse(Math.floor(Number(microseconds) / 1000)),
    missed: 1,
    since: null,
    text,
    cursor,
  }
}

/** What the journal has thrown away after this cursor: it keeps an entry as long as any that came later. */
async function gapAfter(
  { program, clock }: JournalOptions,
  cursor: string,
  signal: AbortSignal,
): Promise<LogGap | undefined> {
  const since = timeOfJournalCursor(cursor)
  const args = [...journalArgs, '--output-fields=MESSAGE_ID', `--cursor=${cursor}`]
  for await (const { text } of programLines(program, args, { signal, lineBytes })) {
    const first = read(text, new Map())
    if ('cursor' in first && first.cursor === cursor) return undefined
    const at = 'at' in first ? first.at : clock.now()
    return goneGap(since, at)
  }
  return signal.aborted ? undefined : goneGap(since, clock.now())
}

const goneGap = (since: Instant, at: Instant): LogGap => ({
  kind: 'gap',
  at: Instant.parse(Math.max(since, at)),
  missed: null,
  since,
  text: 'the journal no longer holds what was said then: it was rotated away, or the machine has a new one',
  cursor: null,
})

/**
 * Throws NotPermitted when not all of the journal can be read, NoJournal when there is none. With `--output=json`,
 * journalctl is silent about both, and shows what little it may see (measured on 252): so it is asked in plain text first.
 */
export async function checkJournal(program: string, signal: AbortSignal): Promise<void> {
  let said = ''
  const options = { signal, lineBytes, complaint: (text: string) => (said = text) }
  try {
    const lines = programLines(program, ['--no-pager', '--output=short', '--lines=1'], options)
    while ((await lines.next()).done !== true) continue
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    said = error.stderr
    if (!noRights.test(said)) throw error
  }
  if (noRights.test(said)) {
    throw new NotPermitted(
      'the journal of this host may not be read by the user that runs this',
      'put the user into the group systemd-journal (for the agent: sudo tiercel agent install writes it into its unit), and start it anew',
    )
  }
  if (/No journal files were found/.test(said)) throw new NoJournal('journald keeps no journal on this host')
}

const noRights = /insufficient permissions|not seeing messages from other users|Permission denied/
