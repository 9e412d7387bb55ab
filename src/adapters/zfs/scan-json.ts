import { z } from 'zod'
import type { Scan } from '../../domain/pool-status.ts'
import { Share } from '../../domain/units.ts'
import { counted, countedBytes, entriesOf, fieldsText, moment, NumberText } from './json-values.ts'
import { compact, NotUnderstood } from './words.ts'

const Optional = NumberText.optional()

/** `scan_stats` of `zpool status -j`. `function` is absent where only rebuilds ran. */
const ScanStats = z.looseObject({
  function: z.string().optional(),
  state: z.string().optional(),
  start_time: Optional,
  end_time: Optional,
  to_examine: Optional,
  examined: Optional,
  skipped: Optional,
  processed: Optional,
  errors: Optional,
  issued: Optional,
  scrub_pause: Optional,
  err_scrub_func: z.string().optional(),
  err_scrub_state: z.string().optional(),
  err_scrub_start_time: Optional,
  err_scrub_end_time: Optional,
  err_scrub_examined: Optional,
  err_scrub_to_examine: Optional,
  err_scrub_pause: Optional,
})
type ScanStats = z.infer<typeof ScanStats>

const RebuildStats = z.looseObject({
  state: z.string(),
  start_time: Optional,
  end_time: Optional,
  scanned: Optional,
  issued: Optional,
  rebuilt: Optional,
  to_scan: Optional,
  errors: Optional,
})

/** `function` and `state` in one table; NONE is no scan. */
const states: Record<string, Scan['state']> = {
  SCANNING: 'in-progress',
  ERRORSCRUBBING: 'in-progress',
  ACTIVE: 'in-progress',
  FINISHED: 'finished',
  COMPLETE: 'finished',
  CANCELED: 'canceled',
}

/** What {@link scansFromJson} found; `unknown` keeps the fields of scans in words that we do not know. */
export interface Scans {
  scans: Scan[]
  olderScans: Scan[]
  unknown: string[]
}

/**
 * The scans in the order and choice of the text (`print_scan_status`): the scrub, or the error scrub if that is newer;
 * then the resilver or the rebuilds, whichever runs or ended last. What the text leaves out goes to `olderScans`.
 */
export function scansFromJson(value: unknown): Scans {
  if (value === undefined) return { scans: [], olderScans: [], unknown: [] }
  const stats = ScanStats.parse(value)
  try {
    return chosen(stats)
  } catch (error) {
    // A kind of scan of a later release says nothing about the state of the pool.
    if (error instanceof NotUnderstood) return { scans: [], olderScans: [], unknown: [fieldsText(stats)] }
    throw error
  }
}

function chosen(stats: ScanStats): Scans {
  const pool = poolScan(stats)
  const errorScrub = errorScan(stats)
  const rebuilds = entriesOf(stats['rebuild_stats'], 'rebuild_stats').flatMap(([vdev, raw]) => rebuild(vdev, raw) ?? [])

  const scrub = pool?.kind === 'scrub' ? pool : undefined
  const resilver = pool?.kind === 'resilver' ? pool : undefined
  const scrubIsNewer =
    errorScrub === undefined || (scrub !== undefined && (scrub.startedAt ?? 0) > (errorScrub.startedAt ?? 0))
  const rebuildEnd = Math.max(0, ...rebuilds.map(({ endedAt }) => endedAt ?? 0))
  const isRebuilding = rebuilds.some(({ state }) => state === 'in-progress')
  const resilverIsNewer =
    resilver !== undefined &&
    (resilver.state === 'in-progress' || (!isRebuilding && (resilver.endedAt ?? 0) > rebuildEnd))

  const shown = [scrubIsNewer ? scrub : errorScrub, ...(resilverIsNewer ? [resilver] : rebuilds)]
  const scans = shown.filter((scan) => scan !== undefined)
  const all = [scrub, errorScrub, resilver, ...rebuilds].filter((scan) => scan !== undefined)
  return { scans, olderScans: all.filter((scan) => !scans.includes(scan)), unknown: [] }
}

function poolScan(stats: ScanStats): Scan | undefined {
  const kinds: Record<string, 'scrub' | 'resilver'> = { SCRUB: 'scrub', RESILVER: 'resilver' }
  if (stats.function === undefined || stats.function === 'NONE' || stats.state === 'NONE') return undefined
  const kind = kinds[stats.function]
  if (kind === undefined) throw new NotUnderstood(`the scan function ${JSON.stringify(stats.function)} is unknown`)
  const pausedAt = kind === 'scrub' ? moment(stats.scrub_pause) : undefined
  const state = stateOf(stats.state, pausedAt !== undefined)
  const total = counted(stats.to_examine)
  const isFinishedScrub = kind === 'scrub' && state === 'finished'
  const isWhole = isFinishedScrub && hasReadAll(stats)
  return compact<Scan>({
    kind,
    state,
    extent: isWhole ? 'whole' : undefined,
    startedAt: moment(stats.start_time),
    endedAt: hasEnded(state) ? moment(stats.end_time) : undefined,
    pausedAt: state === 'paused' ? pausedAt : undefined,
    // Done is what was issued, of what need not be skipped (2.2+).
    share:
      isFinishedScrub && !isWhole
        ? undefined
        : shareDone(state, counted(stats.issued), (total ?? 0) - (counted(stats.skipped) ?? 0)),
    repaired: countedBytes(stats.processed),
    scanned: countedBytes(stats.examined),
    issued: countedBytes(stats.issued),
    total: countedBytes(stats.to_examine),
    errors: state === 'finished' ? (counted(stats.errors) ?? null) : null,
  })
}

function errorScan(stats: ScanStats): Scan | undefined {
  if (stats.err_scrub_func !== 'ERRORSCRUB' || stats.err_scrub_state === 'NONE') return undefined
  const pausedAt = moment(stats.err_scrub_pause)
  const state = stateOf(stats.err_scrub_state, pausedAt !== undefined)
  const examined = counted(stats.err_scrub_examined) ?? 0
  return compact<Scan>({
    kind: 'error-scrub',
    state,
    startedAt: moment(stats.err_scrub_start_time),
    endedAt: hasEnded(state) ? moment(stats.err_scrub_end_time) : undefined,
    pausedAt: state === 'paused' ? pausedAt : undefined,
    share: shareDone(state, examined, examined + (counted(stats.err_scrub_to_examine) ?? 0)),
    errors: null,
  })
}

function rebuild(vdev: string, raw: unknown): Scan | undefined {
  const stats = RebuildStats.parse(raw)
  if (stats.state === 'NONE') return undefined
  const state = stateOf(stats.state, false)
  return compact<Scan>({
    kind: 'rebuild',
    state,
    vdev,
    startedAt: moment(stats.start_time),
    endedAt: hasEnded(state) ? moment(stats.end_time) : undefined,
    share: shareDone(state, counted(stats.scanned), counted(stats.to_scan) ?? 0),
    repaired: countedBytes(stats.rebuilt),
    scanned: countedBytes(stats.scanned),
    issued: countedBytes(stats.issued),
    total: countedBytes(stats.to_scan),
    errors: state === 'finished' ? (counted(stats.errors) ?? null) : null,
  })
}

function stateOf(word: string | undefined, isPaused: boolean): Scan['state'] {
  const state = states[word ?? '']
  if (state === undefined) throw new NotUnderstood(`the scan state ${JSON.stringify(word)} is unknown`)
  return state === 'in-progress' && isPaused ? 'paused' : state
}

const hasEnded = (state: Scan['state']): boolean => state === 'finished' || state === 'canceled'

/**
 * Whether a scrub that ended had read 99 % of what the pool held when it began: all of it, but what was freed meanwhile.
 * Less may be all as well, of a pool that is small or where much was freed (recorded: 0.95 and 0.10 of 2.3.2); or it was a
 * scrub of a part: 0.000 after `-E` with a day before the pool, 0.003 after `-C` (2.4.4). The history of the pool knows.
 */
function hasReadAll({ examined, to_examine }: ScanStats): boolean {
  const [read, whole] = [counted(examined), counted(to_examine)]
  return read !== undefined && whole !== undefined && whole > 0 && read / whole >= 0.99
}

/** Text tells no share of a canceled scan; a finished resilver is done whatever its counters say. */
function shareDone(state: Scan['state'], done: number | undefined, whole: number): Share | undefined {
  if (state === 'canceled') return undefined
  if (state === 'finished') return Share.parse(1)
  return done === undefined || whole <= 0 ? undefined : Share.parse(Math.min(1, done / whole))
}
