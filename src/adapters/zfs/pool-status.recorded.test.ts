import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { PoolStatus, type Scan } from '../../domain/pool-status.ts'
import { parsePoolStatusJson, parsePoolStatusText } from './pool-status.ts'
import {
  common,
  digest,
  expectations,
  hasPublished,
  isClean,
  publishedFiles,
  statusFiles,
  versions,
} from './testing.ts'

const parserOf = (file: string) => (file.endsWith('.json') ? parsePoolStatusJson : parsePoolStatusText)

describe.each(versions)('recorded from OpenZFS %s', (version) => {
  const expected = expectations(version)
  const files = statusFiles(version)

  test('every recording has an expectation, and every expectation a recording', () => {
    expect(files.map(({ file }) => file)).toEqual(Object.keys(expected).toSorted())
  })

  test.each(files)('$file is read as expected', ({ file, text }) => {
    expect(outcome(file, text)).toEqual({ read: expected[file], rawIsKept: true, fitsSchema: true })
  })
})

// The two recordings are of different moments; of what is being initialized, JSON says nothing without `-i`.
const movedOn = ['G.rebuild.txt', 'data-errors-all-gone.txt', 'init-running.txt']

const pairs = (['2.3.2', '2.4.4'] as const).flatMap((version) =>
  statusFiles(version).flatMap(({ file, text }) => {
    const json = statusFiles(version).find((other) => other.file === file.replace(/\.txt$/, '.json'))
    return file.endsWith('.txt') && json !== undefined && !movedOn.includes(file)
      ? [{ file, text, json: json.text }]
      : []
  }),
)

test('there are recordings of the same pool in text and JSON', () => {
  expect(pairs.length).toBeGreaterThanOrEqual(9)
})

/** The text of a canceled scan and of a finished rebuild does not tell when it began. */
const startTold = ({ kind, state }: Scan): boolean =>
  state !== 'canceled' && (state !== 'finished' || kind !== 'rebuild')

test.each(pairs)('text and JSON of $file say the same', ({ text, json }) => {
  const fromText = parsePoolStatusText(text)
  const fromJson = parsePoolStatusJson(json)
  expect(fromText.map((pool) => common(pool))).toEqual(fromJson.map((pool) => common(pool)))
  for (const [index, pool] of fromText.entries()) {
    for (const [at, scan] of pool.scans.entries()) {
      const exact = fromJson[index]?.scans[at]
      // Humanised sizes have three digits.
      expect(scan.repaired ?? exact?.repaired ?? 0).toBeGreaterThanOrEqual((exact?.repaired ?? 0) * 0.99)
      expect(scan.repaired ?? exact?.repaired ?? 0).toBeLessThanOrEqual((exact?.repaired ?? 0) * 1.01)
      // The scrub's start is computed from its end and duration.
      expect(scan.startedAt).toBe(startTold(scan) ? exact?.startedAt : undefined)
      expect(scan.share ?? 0).toBeCloseTo(scan.state === 'finished' ? (scan.share ?? 0) : (exact?.share ?? 0), 3)
    }
    expect(pool.otherSections.map(({ header }) => header)).toEqual(
      fromJson[index]?.otherSections.map(({ header }) => header),
    )
  }
})

test('published outputs are beside the project', ({ skip }) => {
  skip(!hasPublished, 'skipped: ../shared/samples/published is not there')
  expect(publishedFiles().length).toBeGreaterThan(50)
})

describe.skipIf(!hasPublished)('published outputs', () => {
  test.each(hasPublished ? publishedFiles() : [])(
    '$file is read or refused, never taken for well',
    ({ file, text }) => {
      expect(complaints(file, text)).toEqual([])
    },
  )

  test('at most the listings of zpool import, fragments and shapes that ZFS never printed are refused', () => {
    const refused = publishedFiles().filter(({ file, text }) => attempt(() => parserOf(file)(text)) instanceof Error)
    const reasons = refused
      .map(({ file, text }) => {
        if (/^ *id: \d+$/m.test(text)) return 'listing of zpool import'
        return /^ *pool: /m.test(text) ? file : 'no pool header'
      })
      .filter((reason) => reason !== 'listing of zpool import' && reason !== 'no pool header')
    expect(reasons.toSorted()).toEqual([
      'commit-b2255edcc0-draid.txt', // rows cut out with `...`
      'docs-draid-3.txt', // a row moved to the left by hand
      'dz-integration.txt', // a made-up state NOTSURE?
      'gh-8148-suspended-mmp-k4.txt', // ends behind `config:`
      'man-zpool-condense-1.txt', // no config
    ])
  })
})

/** What a recording gives, in a form that one comparison can judge. */
function outcome(file: string, text: string): unknown {
  const seen = attempt(() => parserOf(file)(text))
  return seen instanceof UnexpectedOutput
    ? { read: { refused: seen.message }, rawIsKept: seen.raw === text, fitsSchema: true }
    : {
        read: seen.map((pool) => digest(pool)),
        rawIsKept: true,
        fitsSchema: isDeepStrictEqual(PoolStatus.array().parse(seen), seen),
      }
}

/** What is wrong with how a published output is read. */
function complaints(file: string, text: string): string[] {
  const seen = attempt(() => parserOf(file)(text))
  if (seen instanceof UnexpectedOutput) return seen.raw === text ? [] : ['the raw text is not kept']
  const errors = [...text.matchAll(/^errors: (.*)$/gm)].map((match) => match[1]?.trim())
  const isText = !file.endsWith('.json')
  const isBad =
    /\b(?:DEGRADED|FAULTED|OFFLINE|UNAVAIL|REMOVED|SUSPENDED)\b/.test(text) ||
    (isText && errors.some((line) => line !== 'No known data errors'))
  return [
    ...(seen.length === 0 ? ['there is no pool in it'] : []),
    ...(isBad && seen.every((pool) => isClean(pool)) ? ['bad is taken for well'] : []),
    ...(isText && errors.length === 0 && seen.at(-1)?.dataErrors.count !== null ? ['no errors line, yet a count'] : []),
  ]
}

function attempt<T>(run: () => T): T | UnexpectedOutput {
  try {
    return run()
  } catch (error) {
    // Anything else is a crash, and fails the test.
    if (error instanceof UnexpectedOutput) return error
    throw error
  }
}
