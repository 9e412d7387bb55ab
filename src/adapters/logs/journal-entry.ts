import { z } from 'zod'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { levelOfMessage, levelOfPriority } from '../../domain/logs/level.ts'
import { bounded, type LogEntry, type LogGap } from '../../domain/logs/log.ts'
import { Instant } from '../../domain/units.ts'

/** The fields that we ask for; `__CURSOR` and `__REALTIME_TIMESTAMP` come always. */
export const journalFields = [
  'MESSAGE',
  'PRIORITY',
  '_SYSTEMD_UNIT',
  'UNIT',
  'OBJECT_SYSTEMD_UNIT',
  'SYSLOG_IDENTIFIER',
  'MESSAGE_ID',
  'N_DROPPED',
] as const

/** systemd.journal-fields(7) and JSON export: text; bytes that are no text as numbers; null what is left out. */
const Value = z.union([z.string(), z.array(z.int().min(0).max(255)), z.null()])
/** A field that was given several times is a list of its values. */
const Field = z.union([Value, z.array(Value)]).optional()

const Line = z.object({
  __CURSOR: z.string(),
  /** Microseconds since 1970. */
  __REALTIME_TIMESTAMP: z.string().regex(/^\d{1,16}$/),
  MESSAGE: Field,
  PRIORITY: Field,
  _SYSTEMD_UNIT: Field,
  UNIT: Field,
  OBJECT_SYSTEMD_UNIT: Field,
  SYSLOG_IDENTIFIER: Field,
  N_DROPPED: Field,
})

/**
 * One line of `journalctl --output=json`. `stores` names the store of each unit. What journald has thrown away itself
 * (a rate limit; kernel messages that it read too late) is a gap.
 */
export function readJournalLine(line: string, stores: ReadonlyMap<string, string>): LogEntry | LogGap {
  const read = Line.safeParse(parsed(line))
  if (!read.success) throw new UnexpectedOutput('a line of journalctl is not understood', line, { cause: read.error })
  const { __CURSOR: cursor, __REALTIME_TIMESTAMP: microseconds, ...fields } = read.data
  const at = Instant.parse(Math.floor(Number(microseconds) / 1000))
  const text = texts(fields.MESSAGE).join('\n')
  const dropped = Number(texts(fields.N_DROPPED)[0] ?? Number.NaN)
  if (Number.isSafeInteger(dropped) && dropped > 0) {
    return { kind: 'gap', at, missed: dropped, since: null, text: `journald has thrown messages away: ${text}`, cursor }
  }
  // oxlint-disable-next-line no-underscore-dangle -- the journal's own name
  const units = [fields.OBJECT_SYSTEMD_UNIT, fields.UNIT, fields._SYSTEMD_UNIT].flatMap(texts)
  const unit = units.find((name) => stores.has(name)) ?? units.at(-1)
  const priority = Number(texts(fields.PRIORITY)[0] ?? 6)
  return {
    kind: 'entry',
    at,
    level: unit === undefined ? levelOfPriority(priority) : levelOfMessage(priority, text),
    store: (unit === undefined ? undefined : stores.get(unit)) ?? null,
    from: unit ?? texts(fields.SYSLOG_IDENTIFIER)[0] ?? 'journal',
    ...bounded(text),
    cursor,
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The values of a field as text. Bytes that are not UTF-8 become U+FFFD: they are for eyes. */
function texts(field: z.infer<typeof Field>): string[] {
  if (field === undefined || field === null) return []
  if (typeof field === 'string') return [field]
  const bytes = field.filter((one) => typeof one === 'number')
  if (bytes.length === field.length) return [Buffer.from(bytes).toString('utf8')]
  return field.flatMap((one) => (typeof one === 'number' ? [] : texts(one)))
}
