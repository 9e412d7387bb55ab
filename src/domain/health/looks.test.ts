import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Instant, minutes } from '../units.ts'
import { type Finding, type Severity, severities } from './finding.ts'
import { changesSince, emptyLookBook, type LookBook, withLook } from './looks.ts'

const start = 1_800_000_000_000
const at = (minute: number): Instant => Instant.parse(start + minutes(minute))

const finding = (subject: string, severity: Severity = 'warning', count?: number): Finding => ({
  code: 'X',
  severity,
  subject,
  place: { kind: 'host', host: subject },
  summary: '',
  evidence: [],
  endangers: '',
  remedy: '',
  ...(count === undefined ? {} : { count }),
})

type Story = readonly (readonly [minute: number, findings: readonly Finding[]])[]

const remember = (story: Story): LookBook => {
  let book = emptyLookBook
  for (const [minute, findings] of story) book = withLook(book, { at: at(minute), findings: [...findings] })
  return book
}

/** All but the last look are remembered; the last one is the present. */
function changes(story: Story, sinceMinute = 0) {
  const [minute = 0, findings = []] = story.at(-1) ?? []
  return changesSince(remember(story.slice(0, -1)), { at: at(minute), findings: [...findings] }, at(sinceMinute))
}

const told = (story: Story, since?: number) =>
  changes(story, since).changes.map(({ kind, finding: { subject } }) => `${kind} ${subject}`)

const a = finding('a')

test.each<[string, Story, string[]]>([
  [
    'nothing',
    [
      [0, [a]],
      [5, [a]],
    ],
    [],
  ],
  [
    'appeared',
    [
      [0, []],
      [5, [a]],
    ],
    ['appeared a'],
  ],
  [
    'gone',
    [
      [0, [a]],
      [5, []],
    ],
    ['gone a'],
  ],
  [
    'worse',
    [
      [0, [a]],
      [5, [finding('a', 'critical')]],
    ],
    ['worse a'],
  ],
  [
    'worse by its count',
    [
      [0, [finding('a', 'warning', 10)]],
      [5, [finding('a', 'warning', 30)]],
    ],
    ['worse a'],
  ],
  [
    'better',
    [
      [0, [a]],
      [5, [finding('a', 'info')]],
    ],
    ['better a'],
  ],
  [
    'came and went',
    [
      [0, []],
      [5, [a]],
      [10, []],
    ],
    ['came-and-went a'],
  ],
  [
    'away meanwhile',
    [
      [0, [a]],
      [5, []],
      [10, [a]],
    ],
    ['again a'],
  ],
  [
    'not seen',
    [
      [0, [a]],
      [5, [finding('a', 'unknown')].map((each) => ({ ...each, code: 'BLIND' }))],
    ],
    ['appeared a', 'not-seen a'],
  ],
])('tells %s', (_, story, expected) => {
  expect(told(story)).toEqual(expected)
})

test('says between which looks it happened', () => {
  const found = changes([
    [0, []],
    [5, []],
    [12, [a]],
    [14, [a]],
  ])
  expect(found.changes).toMatchObject([{ kind: 'appeared', after: at(5), by: at(12) }])
  expect(found).toMatchObject({ comparedWith: at(0), lookedLast: at(12), gaps: [] })
})

test('tells gaps in which nobody looked, and from when on anything is known', () => {
  const found = changes(
    [
      [60, []],
      [65, [a]],
      [200, []],
    ],
    0,
  )
  expect(found).toMatchObject({ comparedWith: at(60), lookedLast: at(65), gaps: [{ from: at(65), to: at(200) }] })
  expect(changes([[0, []]])).toMatchObject({ comparedWith: undefined, lookedLast: undefined, changes: [] })
  // The part of a gap that lies before what was asked for is not asked for.
  expect(
    changes(
      [
        [0, []],
        [200, []],
      ],
      100,
    ),
  ).toMatchObject({ comparedWith: at(0), gaps: [{ from: at(100), to: at(200) }] })
})

test('looks that found the same are one, unless nobody looked between them', () => {
  expect(
    remember([
      [0, [a]],
      [5, [a]],
      [10, [a]],
    ]).looks,
  ).toMatchObject([{ from: at(0), to: at(10) }])
  expect(
    remember([
      [0, [a]],
      [60, [a]],
    ]).looks,
  ).toHaveLength(2)
})

test('stays within its bounds, and says where a look was cut', () => {
  const many = Array.from({ length: 1500 }, (_, index) => finding(`n${index}`))
  const book = remember(Array.from({ length: 30 }, (_, index) => [index * 20, many] as const))
  expect(book.looks.length).toBeLessThanOrEqual(10)
  expect(book.looks.at(-1)).toMatchObject({ from: at(29 * 20), omitted: 500 })
  expect(changesSince(book, { at: at(600), findings: many }, at(590)).isCut).toBe(true)
  expect(remember(Array.from({ length: 1100 }, (_, index) => [index * 20, []] as const)).looks).toHaveLength(1000)
})

test('a clock that was set back leaves nothing from the future', () => {
  expect(
    remember([
      [100, [a]],
      [5, []],
    ]).looks,
  ).toMatchObject([{ from: at(5) }])
})

const anyLook = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...severities))
    .map(([subject, severity]) => finding(subject, severity)),
  { selector: ({ subject }) => subject },
)

function severityIn(look: readonly Finding[] | undefined, subject: string): Severity | undefined {
  const found = look?.find((each) => each.subject === subject)?.severity
  return found === 'ok' ? undefined : found
}

/** Of which subjects too much or too little is told. */
function faults(looks: readonly (readonly Finding[])[]): string[] {
  const names = new Set(
    changes(looks.map((findings, index) => [index * 5, findings] as const)).changes.map(
      (change) => change.finding.subject,
    ),
  )
  return ['a', 'b', 'c'].filter((subject) => {
    const isOther = severityIn(looks[0], subject) !== severityIn(looks.at(-1), subject)
    const isConstant = new Set(looks.map((look) => severityIn(look, subject))).size === 1
    return names.has(subject) ? isConstant : isOther
  })
}

test('every difference to the present is told, and nothing that is as it was all the time', () => {
  fc.assert(
    fc.property(fc.array(anyLook, { minLength: 2, maxLength: 6 }), (looks) => {
      expect(faults(looks)).toEqual([])
    }),
  )
})
