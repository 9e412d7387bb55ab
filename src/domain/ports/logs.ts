import type { LogItem, LogQuery } from '../logs/log.ts'

/**
 * What we ask of the logs of one host. Reads only. First comes a sign of life, last `end`; what is not whole throws at its
 * end instead. Nothing is held back for a slow reader: the source waits until the next item is asked for, and what it has
 * thrown away meanwhile is told as a gap.
 */
export interface Logs {
  /** The signal calls it off, and ends what was started for it. */
  read(query: LogQuery, signal: AbortSignal): AsyncIterable<LogItem>
}
