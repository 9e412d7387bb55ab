import { z } from 'zod'
import { Instant } from '../units.ts'

/** Worst first. *Unknown is never green*: it stands behind critical and before warning. */
export const severities = ['critical', 'unknown', 'warning', 'info', 'ok'] as const
export const Severity = z.enum(severities)
export type Severity = z.infer<typeof Severity>

/** The worst of several; `ok` when there is none. */
export function worst(found: Iterable<Severity>): Severity {
  let result: Severity = 'ok'
  for (const severity of found) {
    if (severities.indexOf(severity) < severities.indexOf(result)) result = severity
  }
  return result
}

/** What a finding rests on: one value, where it came from, and when it was seen. */
export const Evidence = z.object({
  /** What the value is: `READ errors`. */
  what: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  /** The command or the request it came from. */
  source: z.string(),
  /** When it was seen; absent for what is declared, not seen. */
  observedAt: Instant.optional(),
})
export type Evidence = z.infer<typeof Evidence>

/** Where a finding belongs on screen. */
export const Place = z.object({
  kind: z.enum(['fleet', 'cluster', 'host', 'store', 'pool', 'dataset', 'disk', 'peer', 'kubo']),
  host: z.string().optional(),
  store: z.string().optional(),
  cluster: z.string().optional(),
})
export type Place = z.infer<typeof Place>

/** One thing that is so, and what follows from it. */
export const Finding = z.object({
  /** Stable word, the name of the check: `POOL_DEGRADED`. */
  code: z.string(),
  severity: Severity,
  /** How many things are wrong, where that is what grows worse: pins in error, errors of a disk. */
  count: z.number().nonnegative().optional(),
  /** What it is about: `n1/hot-tier` (a pool), `n1/hot-tier/sda` (a disk), `n1/hot/peer`, `n1/hot/kubo`, `n1`. */
  subject: z.string(),
  place: Place,
  /** One sentence that a tired person understands. */
  summary: z.string(),
  evidence: z.array(Evidence),
  /** What is at risk if nothing is done; empty for ok and info. */
  endangers: z.string(),
  /** What to do next. */
  remedy: z.string(),
  /** Another finding of which this one is only a consequence: it goes away with it. Absent where it stands by itself. */
  explainedBy: z.object({ code: z.string(), subject: z.string() }).optional(),
})
export type Finding = z.infer<typeof Finding>

/** Whether somebody has to do something about it. */
export const isBad = ({ severity }: Pick<Finding, 'severity'>): boolean => severity !== 'ok' && severity !== 'info'

/** What tells a finding from all others of one look. */
export const keyOf = ({ code, subject }: Pick<Finding, 'code' | 'subject'>): string => `${code} ${subject}`
