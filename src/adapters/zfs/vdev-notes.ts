import type { Scan, VdevState } from '../../domain/pool-status.ts'
import { counted, moment } from './json-values.ts'
import { ctimeText } from './quantities.ts'
import { switchNotes } from './config-table.ts'
import type { RawVdev } from './raw-vdev.ts'

/**
 * The words of `print_status_config` (zpool_main.c, 2.1 to 2.4) for the `aux` of JSON. Aux words that it does not name
 * are printed as `corrupted data`, its default.
 */
const auxNotes: Record<string, string> = {
  OPEN_FAILED: 'cannot open',
  BAD_GUID_SUM: 'missing device',
  NO_REPLICAS: 'insufficient replicas',
  VERSION_NEWER: 'newer version',
  UNSUP_FEAT: 'unsupported feature(s)',
  ASHIFT_TOO_BIG: 'unsupported minimum blocksize',
  IO_FAILURE: 'experienced I/O failures',
  BAD_LOG: 'bad intent log',
  EXTERNAL: 'external device fault',
  EXTERNAL_PERSIST: 'external device fault',
  SPLIT_POOL: 'split into new pool',
  ACTIVE: 'currently in use',
  CHILDREN_OFFLINE: 'all children offline',
  BAD_LABEL: 'invalid label',
  CORRUPT_DATA: 'corrupted data',
  TOO_SMALL: 'corrupted data',
  VERSION_OLDER: 'corrupted data',
  BAD_ASHIFT: 'corrupted data',
}

/**
 * The note that text would show behind the row, built in the same order. Not in JSON, so missing here: `(resilvering)`
 * during a rebuild, and the columns of `-c`.
 */
export function noteOf(raw: RawVdev, state: VdevState, isLeaf: boolean, running: Scan | undefined): string {
  const parts: (string | undefined)[] = [
    ...switchNotes({ POWER: raw.power_state, DIO: raw.dio_verify_errors }, raw.name),
    auxNote(raw, isLeaf),
    raw.removing !== undefined ? '(removing)' : raw.noalloc !== undefined ? '(non-allocating)' : undefined,
    isLeaf && state === 'ONLINE' ? scanNote(raw, running) : undefined,
    ...(isLeaf ? [initializeNote(raw), trimNote(raw)] : []),
  ]
  return parts.filter((part) => part !== undefined).join('  ')
}

function auxNote(raw: RawVdev, isLeaf: boolean): string | undefined {
  if (raw.not_present !== undefined) return `was ${raw.was ?? raw.path ?? ''}`.trim()
  if (raw.aux === 'SPARED') {
    return raw.used_by === undefined ? 'currently in use' : `in use by pool '${raw.used_by}'`
  }
  if (raw.aux === 'ERR_EXCEEDED') {
    // 2.2.9 on: a disk that ZED gave up for being slow has no other errors.
    const errors = [raw.read_errors, raw.write_errors, raw.checksum_errors].map((count) => counted(count) ?? 0)
    const isSlow = isLeaf && errors.every((count) => count === 0) && (counted(raw.slow_ios) ?? 0) > 0
    return isSlow ? 'too many slow I/Os' : 'too many errors'
  }
  if (raw.aux !== undefined && raw.aux !== 'NONE')
    return auxNotes[raw.aux] ?? raw.aux.toLowerCase().replaceAll('_', ' ')
  if (raw.configured_ashift !== undefined && raw.physical_ashift !== undefined) {
    return `block size: ${blockSize(raw.configured_ashift)}B configured, ${blockSize(raw.physical_ashift)}B native`
  }
  return undefined
}

const blockSize = (ashift: string): number => 2 ** (counted(ashift) ?? 0)

function scanNote(raw: RawVdev, running: Scan | undefined): string | undefined {
  if (running === undefined) return undefined
  if ((counted(raw.scan_processed) ?? 0) > 0) return running.kind === 'resilver' ? '(resilvering)' : '(repairing)'
  return raw.resilver_deferred === undefined ? undefined : '(awaiting resilver)'
}

function initializeNote(raw: RawVdev): string | undefined {
  if (raw.init_state === undefined) return undefined
  const done = share(raw.initialized, raw.to_initialize)
  return activity(raw.init_state, done, raw.init_time, 'initialized') ?? '(uninitialized)'
}

function trimNote(raw: RawVdev): string | undefined {
  if (raw.trim_state === undefined) return undefined
  if ((counted(raw.trim_notsup) ?? 0) > 0) return '(trim unsupported)'
  return activity(raw.trim_state, share(raw.trimmed, raw.to_trim), raw.trim_time, 'trimmed') ?? '(untrimmed)'
}

function activity(word: string, done: number, time: string | undefined, verb: string): string | undefined {
  const phrases: Record<string, string> = {
    ACTIVE: 'started at',
    SUSPENDED: 'suspended, started at',
    // JSON has CANCELED where the text says suspended (2.3.2).
    CANCELED: 'suspended, started at',
    COMPLETE: 'completed at',
  }
  const phrase = phrases[word]
  const at = moment(time)
  if (phrase === undefined || at === undefined) return undefined
  return `(${word === 'COMPLETE' ? 100 : done}% ${verb}, ${phrase} ${ctimeText(at)})`
}

/** In whole percent, as `print_status_initialize` computes it. */
function share(done: string | undefined, whole: string | undefined): number {
  return Math.floor(((counted(done) ?? 0) * 100) / ((counted(whole) ?? 0) + 1))
}
