import { z } from 'zod'
import { age, days, Instant } from '../units.ts'
import { type Finding, Place, severities, Severity } from './finding.ts'

/** What was known of a finding when it was muted: what is worse than this is not muted. */
export const MutedState = z.strictObject({
  subject: z.string(),
  severity: Severity,
  count: z.number().nonnegative().optional(),
  place: Place,
})
export type MutedState = z.infer<typeof MutedState>

/** An operator knows of a finding: it is shown apart, and does not count in the status, until the mute ends. */
export const Mute = z.strictObject({
  id: z.string().min(1),
  code: z.string().min(1),
  /** Undefined: every subject that had the finding when it was muted; not those that get it later. */
  subject: z.string().optional(),
  /** Set before the finding is there, for planned work: counts from when it comes. */
  planned: z.boolean(),
  by: z.string(),
  reason: z.string(),
  at: Instant,
  until: Instant,
  covers: z.array(MutedState),
})
export type Mute = z.infer<typeof Mute>

/** Why a mute ended. `over`: the finding went away. */
export const MuteEnd = z.enum(['time', 'worse', 'over', 'unmuted'])
export type MuteEnd = z.infer<typeof MuteEnd>

/** A mute, or its part for one subject, that has ended. */
export const EndedMute = z.strictObject({
  id: z.string().min(1),
  code: z.string(),
  subject: z.string().optional(),
  by: z.string(),
  reason: z.string(),
  endedAt: Instant,
  because: MuteEnd,
})
export type EndedMute = z.infer<typeof EndedMute>

/** All mutes of one fleet, with the last ones that ended. */
export const MuteBook = z.strictObject({
  apiVersion: z.literal(1),
  /** The number that the next mute is called by. */
  next: z.int().positive(),
  mutes: z.array(Mute),
  /** Oldest first. */
  ended: z.array(EndedMute),
})
export type MuteBook = z.infer<typeof MuteBook>

export const emptyMuteBook: MuteBook = { apiVersion: 1, next: 1, mutes: [], ended: [] }

/** What a look, or a person, finds about a mute. By id, so that two looks at once do no harm to each other. */
export type MuteChange =
  | { kind: 'came'; id: string; state: MutedState }
  | { kind: 'ended-for'; id: string; subject: string; because: MuteEnd; at: Instant }
  | { kind: 'ended'; id: string; because: MuteEnd; at: Instant }

export interface MutedFinding {
  finding: Finding
  mute: Mute
}

/** Findings, apart by whether somebody has muted them, and what the look has found about the mutes. */
export interface Muting {
  shown: Finding[]
  muted: MutedFinding[]
  changes: MuteChange[]
}

/** Which findings are muted now, and which mutes have ended: by time, because it got worse, or because it is over. */
export function applyMutes(at: Instant, findings: readonly Finding[], mutes: readonly Mute[]): Muting {
  const changes: MuteChange[] = []
  const covering = new Map<Finding, Mute>()
  const cover = (finding: Finding, mute: Mute) => {
    const before = covering.get(finding)
    // Of two mutes, the one that ends later is told.
    if (before === undefined || before.until < mute.until) covering.set(finding, mute)
  }
  for (const mute of mutes) {
    const { id, code, subject, planned, covers } = mute
    if (mute.until <= at) {
      changes.push({ kind: 'ended', id, because: 'time', at })
      continue
    }
    const alike = findings.filter((finding) => finding.code === code && finding.severity !== 'ok')
    for (const state of covers) {
      const finding = alike.find((candidate) => candidate.subject === state.subject)
      if (finding === undefined) {
        if (!isBlind(findings, state.place))
          changes.push({ kind: 'ended-for', id, subject: state.subject, because: 'over', at })
      } else if (isWorse(finding, state)) {
        changes.push({ kind: 'ended-for', id, subject: state.subject, because: 'worse', at })
      } else {
        cover(finding, mute)
      }
    }
    if (!planned || covers.length > 0) continue
    for (const finding of alike.filter((candidate) => candidate.subject === subject)) {
      changes.push({ kind: 'came', id, state: stateOf(finding) })
      cover(finding, mute)
    }
  }
  return {
    shown: findings.filter((finding) => !covering.has(finding)),
    muted: findings.flatMap((finding) => {
      const mute = covering.get(finding)
      return mute === undefined ? [] : [{ finding, mute }]
    }),
    changes,
  }
}

/** What a mute keeps of a finding. */
export function stateOf({ subject, severity, count, place }: Finding): MutedState {
  return { subject, severity, place, ...(count === undefined ? {} : { count }) }
}

/** Whether a finding is worse than when it was muted. */
export function isWorse(
  now: Pick<Finding, 'severity' | 'count'>,
  before: Pick<MutedState, 'severity' | 'count'>,
): boolean {
  if (severities.indexOf(now.severity) < severities.indexOf(before.severity)) return true
  return now.count !== undefined && before.count !== undefined && isClearlyMore(now.count, before.count)
}

/** Half as many again, and five more at least: a count that wavers does not wake anybody. */
export const isClearlyMore = (now: number, before: number): boolean => now >= Math.max(before * 1.5, before + 5)

/** Whether something could be there unseen: what is unknown on the same host, and in no other store of it, hides it. */
export function isBlind(findings: readonly Pick<Finding, 'severity' | 'place'>[], place: Place): boolean {
  return findings.some(
    (finding) =>
      finding.severity === 'unknown' &&
      hides(finding.place.host, place.host) &&
      hides(finding.place.store, place.store),
  )
}

const hides = (unknown: string | undefined, asked: string | undefined): boolean =>
  unknown === undefined || asked === undefined || unknown === asked

/** The book with one more mute, which gets its id here. */
export function withMute(book: MuteBook, mute: Omit<Mute, 'id'>): { book: MuteBook; mute: Mute } {
  const named = { ...mute, id: `m${book.next}` }
  return { book: { ...book, next: book.next + 1, mutes: [...book.mutes, named] }, mute: named }
}

/** How long ended mutes are told of, and how many at most. */
const keepEnded = days(30)
const maxEnded = 200

/** The book after some changes; the very same where nothing changes. What concerns a mute that is gone is left aside. */
export function withChanges(book: MuteBook, changes: readonly MuteChange[]): MuteBook {
  const result = changes.reduce(withChange, book)
  const newest = result.ended.at(-1)?.endedAt
  if (result === book || newest === undefined) return result
  return { ...result, ended: result.ended.filter((ended) => age(ended.endedAt, newest) <= keepEnded).slice(-maxEnded) }
}

function withChange(book: MuteBook, change: MuteChange): MuteBook {
  const mute = book.mutes.find(({ id }) => id === change.id)
  if (mute === undefined) return book
  const replaced = (by: Mute[]) => book.mutes.flatMap((each) => (each === mute ? by : [each]))
  if (change.kind === 'came') {
    if (mute.covers.some(({ subject }) => subject === change.state.subject)) return book
    return { ...book, mutes: replaced([{ ...mute, covers: [...mute.covers, change.state] }]) }
  }
  const { id, code, by, reason } = mute
  const end = { id, code, by, reason, endedAt: change.at, because: change.because }
  if (change.kind === 'ended') {
    const subject = mute.subject === undefined ? {} : { subject: mute.subject }
    return { ...book, mutes: replaced([]), ended: [...book.ended, { ...end, ...subject }] }
  }
  const left = mute.covers.filter(({ subject }) => subject !== change.subject)
  if (left.length === mute.covers.length) return book
  const rest = left.length === 0 ? [] : [{ ...mute, covers: left }]
  return { ...book, mutes: replaced(rest), ended: [...book.ended, { ...end, subject: change.subject }] }
}
