import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hours, Instant } from '../units.ts'
import { type Finding, severities } from './finding.ts'
import { applyMutes, emptyMuteBook, isWorse, type Mute, type MuteBook, stateOf, withChanges, withMute } from './mute.ts'

const at = Instant.parse(1_800_000_000_000)
const later = Instant.parse(at + hours(1))

const finding = (over: Partial<Finding> = {}): Finding => ({
  code: 'PIN_ERRORS',
  severity: 'warning',
  subject: 'n1/hot/peer',
  place: { kind: 'peer', host: 'n1', store: 'hot' },
  summary: '',
  evidence: [],
  endangers: '',
  remedy: '',
  ...over,
})

const mute = (over: Partial<Mute> = {}): Mute => ({
  id: 'm1',
  code: 'PIN_ERRORS',
  planned: false,
  by: 'ann',
  reason: 'known',
  at,
  until: Instant.parse(at + hours(4)),
  covers: [stateOf(finding())],
  ...over,
})

/** One look after another, each with the mutes that the last one left. */
function story(first: Mute, looks: readonly (readonly Finding[])[], from = later): { muted: number[]; book: MuteBook } {
  let book: MuteBook = { ...emptyMuteBook, mutes: [first] }
  const muted = looks.map((findings, index) => {
    const found = applyMutes(Instant.parse(from + index * 1000), findings, book.mutes)
    book = withChanges(book, found.changes)
    return found.muted.length
  })
  return { muted, book }
}

test('mutes what it covers, and nothing else', () => {
  const other = finding({ subject: 'n1/cold/peer', place: { kind: 'peer', host: 'n1', store: 'cold' } })
  const { shown, muted, changes } = applyMutes(later, [finding(), other], [mute()])
  expect(muted.map((each) => each.finding)).toEqual([finding()])
  expect(shown).toEqual([other])
  expect(changes).toEqual([])
})

test('ends by time', () => {
  const { muted, book } = story(mute({ until: Instant.parse(later + 1000) }), [[finding()], [finding()], [finding()]])
  expect(muted).toEqual([1, 0, 0])
  expect(book.mutes).toEqual([])
  expect(book.ended).toMatchObject([{ id: 'm1', because: 'time', by: 'ann' }])
})

test('ends when the finding gets more severe, and does not come back when it is as before', () => {
  const { muted, book } = story(mute(), [[finding({ severity: 'critical' })], [finding()]])
  expect(muted).toEqual([0, 0])
  expect(book.ended).toMatchObject([{ because: 'worse', subject: 'n1/hot/peer' }])
})

test('stays when the finding gets better, and again as it was', () => {
  const first = mute({ covers: [stateOf(finding({ severity: 'critical' }))] })
  expect(story(first, [[finding({ severity: 'info' })], [finding({ severity: 'critical' })]]).muted).toEqual([1, 1])
})

test('ends when the finding counts clearly more, not when its count wavers', () => {
  const first = mute({ covers: [stateOf(finding({ count: 100 }))] })
  expect(story(first, [[finding({ count: 120 })], [finding({ count: 90 })], [finding({ count: 150 })]]).muted).toEqual([
    1, 1, 0,
  ])
  expect(isWorse(finding({ count: 5 }), { severity: 'warning', count: 1 })).toBe(false)
  expect(isWorse(finding({ count: 6 }), { severity: 'warning', count: 1 })).toBe(true)
})

test('is over when the finding went away: what comes later is shown', () => {
  const { muted, book } = story(mute(), [[], [finding()]])
  expect(muted).toEqual([0, 0])
  expect(book.ended).toMatchObject([{ because: 'over' }])
})

test('is not over while nobody can see whether it is', () => {
  const blind = finding({ code: 'AGENT_UNREACHABLE', severity: 'unknown', place: { kind: 'host', host: 'n1' } })
  expect(story(mute(), [[blind], [finding()]]).muted).toEqual([0, 1])
  // The control: elsewhere it is another matter.
  const elsewhere = { ...blind, place: { kind: 'host' as const, host: 'n2' } }
  expect(story(mute(), [[elsewhere], [finding()]]).muted).toEqual([0, 0])
  const otherStore = { ...blind, place: { kind: 'peer' as const, host: 'n1', store: 'cold' } }
  expect(story(mute(), [[otherStore], [finding()]]).muted).toEqual([0, 0])
})

test('a planned one waits for its finding, then counts from there', () => {
  const planned = mute({ planned: true, subject: 'n1/hot/peer', covers: [] })
  expect(story(planned, [[], [], [finding()], [finding({ severity: 'critical' })]]).muted).toEqual([0, 0, 1, 0])
  expect(story(planned, [[], [finding()], [], [finding()]]).muted).toEqual([0, 1, 0, 0])
})

test('one subject that gets worse leaves the others muted', () => {
  const hot = finding()
  const cold = finding({ subject: 'n1/cold/peer', place: { kind: 'peer', host: 'n1', store: 'cold' } })
  const both = mute({ covers: [stateOf(hot), stateOf(cold)] })
  const { muted, book } = story(both, [
    [hot, cold],
    [hot, { ...cold, severity: 'critical' }],
    [hot, cold],
  ])
  expect(muted).toEqual([2, 1, 1])
  expect(book.mutes).toMatchObject([{ id: 'm1', covers: [{ subject: 'n1/hot/peer' }] }])
})

const subjects = ['n1', 'n1/hot', 'n2/hot'] as const
const anyFinding = fc
  .record({
    code: fc.constantFrom('A', 'B'),
    severity: fc.constantFrom(...severities),
    subject: fc.constantFrom(...subjects),
    count: fc.option(fc.nat(50), { nil: undefined }),
  })
  .map(({ count, ...rest }) => {
    const [host = '', store] = rest.subject.split('/')
    const place = { kind: 'store' as const, host, ...(store === undefined ? {} : { store }) }
    return finding({ ...rest, place, ...(count === undefined ? {} : { count }) })
  })
const anyFindings = fc.uniqueArray(anyFinding, { selector: ({ code, subject }) => `${code} ${subject}`, maxLength: 6 })
const anyMute = fc
  .record({
    over: anyFindings,
    hours: fc.integer({ min: 0, max: 3 }),
    planned: fc.boolean(),
    id: fc.constantFrom('m1', 'm2'),
  })
  .map(({ over, hours: length, planned, id }) => {
    const code = over[0]?.code ?? 'A'
    const covers = planned ? [] : over.filter((each) => each.code === code).map(stateOf)
    return mute({
      id,
      code,
      covers,
      planned,
      subject: planned ? 'n1/hot' : undefined,
      until: Instant.parse(at + hours(length)),
    })
  })
const anyMutes = fc.uniqueArray(anyMute, { selector: ({ id }) => id, maxLength: 2 })

test('every finding is told once: shown or muted', () => {
  fc.assert(
    fc.property(anyFindings, anyMutes, (findings, mutes) => {
      const { shown, muted } = applyMutes(later, findings, mutes)
      expect(new Set([...shown, ...muted.map((each) => each.finding)])).toEqual(new Set(findings))
      expect(shown.length + muted.length).toBe(findings.length)
    }),
  )
})

test('what is muted was known when it was muted, is no worse, and its time is not over', () => {
  let seen = 0
  fc.assert(
    fc.property(anyFindings, anyMutes, (findings, mutes) => {
      for (const { finding: found, mute: by } of applyMutes(later, findings, mutes).muted) {
        seen += 1
        expect(by.until).toBeGreaterThan(later)
        expect(found.code).toBe(by.code)
        const state = by.covers.find(({ subject }) => subject === found.subject)
        const isAwaited = by.planned && by.covers.length === 0 && by.subject === found.subject
        expect(isAwaited || (state !== undefined && !isWorse(found, state))).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
  // The control: the property was about something.
  expect(seen).toBeGreaterThan(20)
})

test('a second look at the same finds nothing new, and recording twice is as recording once', () => {
  fc.assert(
    fc.property(anyFindings, anyMutes, (findings, mutes) => {
      const book: MuteBook = { ...emptyMuteBook, mutes }
      const first = applyMutes(later, findings, mutes)
      const recorded = withChanges(book, first.changes)
      expect(withChanges(recorded, first.changes)).toEqual(recorded)
      const second = applyMutes(later, findings, recorded.mutes)
      expect(second.changes).toEqual([])
      expect(second.shown).toEqual(first.shown)
    }),
  )
})

test('a mute gets an id that was never used', () => {
  const { book, mute: first } = withMute(emptyMuteBook, mute())
  const gone = withChanges(book, [{ kind: 'ended', id: first.id, because: 'unmuted', at }])
  expect(withMute(gone, mute()).mute.id).toBe('m2')
  expect(gone.mutes).toEqual([])
})

test('of ended mutes the last are kept', () => {
  let book = emptyMuteBook
  for (let index = 0; index < 300; index += 1) {
    const added = withMute(book, mute())
    book = withChanges(added.book, [{ kind: 'ended', id: added.mute.id, because: 'time', at: later }])
  }
  expect(book.ended).toHaveLength(200)
  expect(book.ended.at(-1)?.id).toBe('m300')
})
