import { z } from 'zod'
import { age, days, Instant, minutes } from '../units.ts'
import { keyOf, type Severity, severities } from './finding.ts'
import type { Health } from './judge.ts'
import { isBlind, MutedState, stateOf, isWorse } from './mute.ts'

/** What is remembered of a finding. */
export const RememberedFinding = MutedState.extend({ code: z.string() })
export type RememberedFinding = z.infer<typeof RememberedFinding>

/** One look, or several after each other that found the same, without a long gap between them. */
export const Look = z.strictObject({
  from: Instant,
  to: Instant,
  findings: z.array(RememberedFinding),
  /** Findings that were not kept, the least bad ones: beyond a bound. */
  omitted: z.int().nonnegative(),
})
export type Look = z.infer<typeof Look>

/** The last looks at one fleet, oldest first. */
export const LookBook = z.strictObject({ apiVersion: z.literal(1), looks: z.array(Look) })
export type LookBook = z.infer<typeof LookBook>

export const emptyLookBook: LookBook = { apiVersion: 1, looks: [] }

/** What happens in less time than this between two looks is taken as seen. */
export const longGap = minutes(15)

const keep = { age: days(35), looks: 1000, findings: 10_000, perLook: 1000 }

/** The book with one more look, within its bounds; the oldest looks go first. */
export function withLook(book: LookBook, { at, findings }: Pick<Health, 'at' | 'findings'>): LookBook {
  const told = findings.filter(({ severity }) => severity !== 'ok')
  const kept = told.slice(0, keep.perLook).map((finding) => ({ code: finding.code, ...stateOf(finding) }))
  const look: Look = { from: at, to: at, findings: kept, omitted: told.length - kept.length }
  const last = book.looks.at(-1)
  // A clock that was set back: what is remembered from the future cannot be put in order.
  const before = book.looks.filter(({ to }) => to <= at)
  const isSame = last !== undefined && last.to <= at && age(last.to, at) <= longGap && sameFindings(last, look)
  const looks = isSame ? [...before.slice(0, -1), { ...last, to: at }] : [...before, look]
  return { ...book, looks: bounded(looks, at) }
}

function bounded(looks: readonly Look[], at: Instant): Look[] {
  const result: Look[] = []
  let findings = 0
  for (const look of looks.toReversed().slice(0, keep.looks)) {
    findings += look.findings.length
    if (result.length > 0 && (findings > keep.findings || age(look.to, at) > keep.age)) break
    result.unshift(look)
  }
  return result
}

const sameFindings = (a: Look, b: Look): boolean =>
  a.omitted === b.omitted &&
  a.findings.length === b.findings.length &&
  a.findings.every((finding, index) => {
    const other = b.findings[index]
    return (
      other !== undefined &&
      keyOf(finding) === keyOf(other) &&
      finding.severity === other.severity &&
      finding.count === other.count
    )
  })

/** What has become of a finding between two looks. */
export interface Change {
  kind:
    | 'appeared'
    | 'worse'
    | 'better'
    | 'again' // it was away meanwhile
    | 'gone'
    | 'not-seen' // it is not found, but could not be seen either
    | 'came-and-went'
  finding: RememberedFinding
  /** How bad it was, where it was there before. */
  before?: Severity
  /** The looks between which it happened; for `came-and-went` the first and the last that had it. */
  after: Instant
  by: Instant
}

/** What has changed since some moment, as far as anybody has looked. */
export interface Changes {
  since: Instant
  /** The look that the present is compared with; undefined where none is remembered. */
  comparedWith: Instant | undefined
  /** The last look before this one. */
  lookedLast: Instant | undefined
  /** When nobody has looked, longer than {@link longGap}: what came and went there is not known. */
  gaps: readonly { from: Instant; to: Instant }[]
  /** Whether a look was too long to be kept whole. */
  isCut: boolean
  changes: readonly Change[]
}

/** Compares what is found now with what was found at `since`, or at the first look after it. */
export function changesSince(book: LookBook, now: Pick<Health, 'at' | 'findings'>, since: Instant): Changes {
  const looks = book.looks.filter(({ from }) => from <= now.at)
  const base = Math.max(
    0,
    looks.findLastIndex(({ from }) => from <= since),
  )
  const present = withLook(emptyLookBook, now).looks
  const span = [...looks.slice(base), ...present]
  const [first] = span
  if (looks.length === 0 || first === undefined) {
    return { since, comparedWith: undefined, lookedLast: undefined, gaps: [], isCut: false, changes: [] }
  }
  const keys = new Map(span.flatMap(({ findings }) => findings.map((finding) => [keyOf(finding), finding] as const)))
  return {
    since,
    comparedWith: Instant.parse(Math.min(first.to, Math.max(first.from, since))),
    lookedLast: looks.at(-1)?.to,
    gaps: span.slice(1).flatMap(({ from }, index) => {
      const to = span[index]?.to ?? from
      return age(to, from) > longGap ? [{ from: Instant.parse(Math.max(to, since)), to: from }] : []
    }),
    isCut: span.some(({ omitted }) => omitted > 0),
    changes: [...keys].flatMap(([key, finding]) => changeOf(key, finding, span)).toSorted(byOrder),
  }
}

/** What became of one finding over a row of looks, the present one last. `finding` is what was last known of it. */
function changeOf(key: string, finding: RememberedFinding, span: readonly Look[]): Change[] {
  const states = span.map(({ findings }) => findings.find((each) => keyOf(each) === key))
  const first = states[0]
  const last = states.at(-1)
  const before = first === undefined ? {} : { before: first.severity }
  /** The two looks around the step at `index`: the last before it, and the first of it. */
  const around = (index: number) => ({
    after: span[index - 1]?.to ?? Instant.parse(0),
    by: span[index]?.from ?? Instant.parse(0),
  })
  if (last !== undefined) {
    const came = states.findLastIndex((state) => state === undefined) + 1
    if (first === undefined) return [{ kind: 'appeared', finding: last, ...around(came) }]
    const step = states.findLastIndex((state) => state === undefined || state.severity !== last.severity) + 1
    if (isWorse(last, first)) return [{ kind: 'worse', finding: last, ...before, ...around(Math.max(1, step)) }]
    if (first.severity !== last.severity) return [{ kind: 'better', finding: last, ...before, ...around(step) }]
    return came > 0 ? [{ kind: 'again', finding: last, ...before, ...around(came) }] : []
  }
  const lastSeen = states.findLastIndex((state) => state !== undefined)
  if (first === undefined) {
    const firstSeen = states.findIndex((state) => state !== undefined)
    const [from, to] = [span[firstSeen]?.from, span[lastSeen]?.to]
    return from === undefined || to === undefined ? [] : [{ kind: 'came-and-went', finding, after: from, by: to }]
  }
  const kind = isBlind(span.at(-1)?.findings ?? [], finding.place) ? 'not-seen' : 'gone'
  return [{ kind, finding, ...before, ...around(lastSeen + 1) }]
}

const order: readonly Change['kind'][] = ['appeared', 'worse', 'again', 'not-seen', 'better', 'gone', 'came-and-went']

const byOrder = (a: Change, b: Change): number =>
  order.indexOf(a.kind) - order.indexOf(b.kind) ||
  severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity)

/** Since when findings are there, as far as anybody has looked, by code and subject: of those that the last look had. */
export function standingSince(
  book: LookBook,
  at: Instant,
): (finding: Pick<RememberedFinding, 'code' | 'subject'>) => Instant | undefined {
  const looks = book.looks.filter(({ to }) => to <= at)
  const since = new Map<string, Instant>()
  for (const { from, findings } of looks) {
    const before = new Map(since)
    since.clear()
    for (const finding of findings) since.set(keyOf(finding), before.get(keyOf(finding)) ?? from)
  }
  return (finding) => since.get(keyOf(finding))
}
