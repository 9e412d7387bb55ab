import { z } from 'zod'
import { LogItem, LogQuery } from '../domain/logs/log.ts'
import { agentPaths, ApiError } from './agent.ts'

/**
 * What an agent answers to `GET /v1/logs`: one JSON value a line. `alive` comes at least every {@link heartbeatEvery}
 * milliseconds, also while nothing is said; the last line is `end` or `failed`. An answer that stops without it was cut off.
 */
export const LogLine = z.union([LogItem, z.object({ kind: z.literal('failed'), error: ApiError.shape.error })])
export type LogLine = z.infer<typeof LogLine>

/** How long an agent may be silent; its own heart beats each second. */
export const longestSilenceMs = 20_000

/** The path that asks for this. */
export function logsPath({ source, since, until, cursor, follow, errors, stores = [] }: LogQuery): string {
  const words = new URLSearchParams({ source })
  if (since !== undefined) words.set('since', String(since))
  if (until !== undefined) words.set('until', String(until))
  if (cursor !== undefined) words.set('cursor', cursor)
  if (follow) words.set('follow', 'true')
  if (errors) words.set('errors', 'true')
  for (const store of stores) words.append('store', store)
  return `${agentPaths.logs}?${words.toString()}`
}

/** The same, read back. Words that are not known are refused, like values that do not fit. */
export function readLogsQuery(words: URLSearchParams): z.ZodSafeParseResult<LogQuery> {
  const { source, since, until, cursor, follow, errors, store: _several, ...unknown } = Object.fromEntries(words)
  const stores = words.getAll('store')
  return LogQuery.safeParse({
    ...unknown,
    source,
    ...(since === undefined ? {} : { since: wholeNumber(since) }),
    ...(until === undefined ? {} : { until: wholeNumber(until) }),
    ...(cursor === undefined ? {} : { cursor }),
    follow: follow === 'true',
    errors: errors === 'true',
    ...(stores.length === 0 ? {} : { stores }),
  })
}

const wholeNumber = (text: string): number => (/^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN)
