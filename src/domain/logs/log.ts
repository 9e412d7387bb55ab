import { z } from 'zod'
import { Name } from '../fleet.ts'
import { Instant } from '../units.ts'

/** Whose words: the Cluster peers, the Kubos, ZFS (`zpool events`), or the kernel. */
export const LogSource = z.enum(['cluster', 'kubo', 'zfs', 'kernel'])
export type LogSource = z.infer<typeof LogSource>

/** How grave, worst first: the words of syslog(3), with emergency and alert counted as critical. */
export const logLevels = ['critical', 'error', 'warning', 'notice', 'info', 'debug'] as const
export const LogLevel = z.enum(logLevels)
export type LogLevel = z.infer<typeof LogLevel>

/** One message of one source on one host. */
export const LogEntry = z.object({
  kind: z.literal('entry'),
  /** By the host's own clock. */
  at: Instant,
  level: LogLevel,
  /** The store that it is about, where that is known. */
  store: z.string().nullable(),
  /** Who says it: a unit, a pool, `kernel`. */
  from: z.string(),
  /** As it was said, lines and all, cut to {@link longestText}. */
  text: z.string(),
  /** How many characters were cut off its end. */
  cut: z.int().nonnegative(),
  /** Where to go on after it; only the same source on the same host understands it. */
  cursor: z.string(),
})
export type LogEntry = z.infer<typeof LogEntry>

/** Messages that are gone, or that the source itself has thrown away. */
export const LogGap = z.object({
  kind: z.literal('gap'),
  at: Instant,
  /** How many; null where nobody knows. */
  missed: z.int().positive().nullable(),
  /** After when; null where nobody knows. */
  since: Instant.nullable(),
  text: z.string(),
  cursor: z.string().nullable(),
})
export type LogGap = z.infer<typeof LogGap>

/** A part of what was asked for cannot be read; the rest goes on. */
export const LogTrouble = z.object({
  kind: z.literal('trouble'),
  text: z.string(),
  hint: z.string().optional(),
})
export type LogTrouble = z.infer<typeof LogTrouble>

/** A sign of life: the first thing that a host says, then again and again. */
export const LogAlive = z.object({
  kind: z.literal('alive'),
  /** The host's clock now. */
  at: Instant,
  /** Whatever the source has said before this moment has been sent; null while that is not known. */
  upTo: Instant.nullable(),
  /** Where to go on, past messages that were not asked for too. */
  cursor: z.string().nullable(),
})
export type LogAlive = z.infer<typeof LogAlive>

/** All that was asked for has been sent. What ends without it was cut off. */
export const LogEnd = z.object({ kind: z.literal('end'), cursor: z.string().nullable() })
export type LogEnd = z.infer<typeof LogEnd>

/** What a host sends of one source, in the source's own order. */
export const LogItem = z.discriminatedUnion('kind', [LogEntry, LogGap, LogTrouble, LogAlive, LogEnd])
export type LogItem = z.infer<typeof LogItem>

/** What is asked of one source on one host. */
export const LogQuery = z.strictObject({
  source: LogSource,
  /** From when on, where there is no cursor. */
  since: Instant.optional(),
  /** Not together with `follow`. */
  until: Instant.optional(),
  /** What the same source has said after this. */
  cursor: z.string().max(512).optional(),
  /** Goes on with what comes, until it is called off. */
  follow: z.boolean(),
  /** Errors and worse only. */
  errors: z.boolean(),
  /** Only of these stores; all of the host when absent. */
  stores: z.array(Name).min(1).max(64).optional(),
})
export type LogQuery = z.infer<typeof LogQuery>

/** Characters of one message that are kept. */
export const longestText = 8192

/** Whether a message is an error or worse. */
export const isError = ({ level }: Pick<LogEntry, 'level'>): boolean => level === 'critical' || level === 'error'

/** The message and how much of it was cut. */
export function bounded(text: string): Pick<LogEntry, 'text' | 'cut'> {
  return text.length <= longestText
    ? { text, cut: 0 }
    : { text: text.slice(0, longestText), cut: text.length - longestText }
}
