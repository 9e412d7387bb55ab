import {
  type Arbitrary,
  array,
  check,
  constant,
  constantFrom,
  defaultReportMessage,
  nat,
  noBias,
  oneof,
  pre,
  property,
  record,
  sample,
  string,
  tuple,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { PoolStatus } from '../../domain/pool-status.ts'
import { parsePoolStatusJson, parsePoolStatusText } from './pool-status.ts'
import { isClean, statusFiles, versions } from './testing.ts'

/*
 * Real outputs, damaged. Whatever is done to them: the parser ends in time, throws nothing but UnexpectedOutput, and never
 * calls a text well that still holds a sign of the contrary. The signs are looked for in the raw text, by other means than
 * the parser's.
 */

type Parser = (text: string) => PoolStatus[]

const samples = versions.flatMap((version) => statusFiles(version))
const texts = samples.filter(({ file }) => file.endsWith('.txt')).map(({ text }) => text)
const documents = samples.filter(({ file }) => file.endsWith('.json')).map(({ text }) => text)

const badWord = /\b(?:DEGRADED|FAULTED|OFFLINE|UNAVAIL|REMOVED|SUSPENDED)\b/
const badErrors = /^errors:(?! No known data errors\s*$)/m
const badJson =
  /"state":"(?:DEGRADED|FAULTED|OFFLINE|UNAVAIL|REMOVED|SUSPENDED|CANT_OPEN)"|"error_count":"[1-9]|"errlist":(?!\[\])/

/** Milliseconds of the processor, which neighbours do not lengthen: far more than it takes, far less than anything quadratic. */
const longest = 5000
const cpuTime = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Evenly spread over a text: small numbers are not the interesting ones. */
const anywhere = noBias(nat())

const mutation = oneof(
  record({ kind: constant('flip' as const), at: anywhere, to: string({ minLength: 1, maxLength: 1 }) }),
  record({ kind: constant('cut' as const), at: anywhere, length: nat(400) }),
  record({ kind: constant('end' as const), at: anywhere }),
  record({ kind: constant('insert' as const), at: anywhere, what: string({ maxLength: 20 }) }),
  record({
    kind: constant('insert' as const),
    at: anywhere,
    what: constantFrom(
      '\n',
      '\t',
      '  ',
      'ONLINE',
      '  ONLINE       0     0     0',
      '\nerrors: No known data errors\n',
      ' state: ONLINE\n',
      '\n\n',
      ':',
      '"',
      '}',
      ',',
      '0',
    ),
  }),
  record({ kind: constant('drop-line' as const), line: anywhere }),
  record({ kind: constant('copy-line' as const), line: anywhere, to: anywhere }),
  record({ kind: constant('swap-lines' as const), line: anywhere, with: anywhere }),
  record({ kind: constant('splice-line' as const), line: anywhere, other: anywhere, from: anywhere }),
)
type Mutation = typeof mutation extends Arbitrary<infer M> ? M : never

function mutate(text: string, change: Mutation, others: readonly string[]): string {
  const lines = text.split('\n')
  const at = 'at' in change ? change.at % (text.length + 1) : 0
  const line = 'line' in change ? change.line % lines.length : 0
  switch (change.kind) {
    case 'flip':
      return text.slice(0, at) + change.to + text.slice(at + 1)
    case 'cut':
      return text.slice(0, at) + text.slice(at + change.length)
    case 'end':
      return text.slice(0, at)
    case 'insert':
      return text.slice(0, at) + change.what + text.slice(at)
    case 'drop-line':
      return lines.toSpliced(line, 1).join('\n')
    case 'copy-line':
      return lines.toSpliced(change.to % (lines.length + 1), 0, lines[line] ?? '').join('\n')
    case 'swap-lines': {
      const other = change.with % lines.length
      return lines
        .with(line, lines[other] ?? '')
        .with(other, lines[line] ?? '')
        .join('\n')
    }
    case 'splice-line': {
      const from = (others[change.other % others.length] ?? '').split('\n')
      return lines.toSpliced(line, 0, from[change.from % from.length] ?? '').join('\n')
    }
  }
  return text
}

/** Damaged samples, most of them a little, some a lot. */
const damaged = (from: readonly string[]): Arbitrary<string> =>
  tuple(nat(from.length - 1), array(mutation, { minLength: 1, maxLength: 2 })).map(([index, changes]) =>
    changes.reduce((text, change) => mutate(text, change, from), from[index] ?? ''),
  )

/** The oracle: what is wrong with how a text was read, if anything. */
function complaint(parse: Parser, text: string, isBad: (text: string) => boolean): string | undefined {
  const startedAt = cpuTime()
  let pools: PoolStatus[] | undefined
  try {
    pools = parse(text)
  } catch (error) {
    if (!(error instanceof UnexpectedOutput)) return `it crashed: ${String(error)}`
  }
  if (cpuTime() - startedAt > longest) return 'it took too long'
  if (pools === undefined) return undefined
  return isBad(text) && pools.every((pool) => isClean(pool)) ? 'bad is taken for well' : undefined
}

const isBadText = (text: string) => badWord.test(text) || badErrors.test(text)

const textProperty = (parse: Parser) =>
  property(damaged(texts), (text) => complaint(parse, text, isBadText) === undefined)

const jsonProperty = (parse: Parser) =>
  property(damaged(documents), (text) => complaint(parse, text, (raw) => badJson.test(raw)) === undefined)

/** Documents that are still JSON, with keys lost, renamed or emptied; most of them are read. */
const rearranged = tuple(
  nat(documents.length - 1),
  array(record({ at: anywhere, to: constantFrom('lost', 'renamed', null, '', [], {}, 0, 'ONLINE') }), {
    minLength: 1,
    maxLength: 3,
  }),
).map(([index, changes]) =>
  changes.reduce((text, { at, to }) => {
    const count = [...text.matchAll(/"[a-z_]+":/g)].length
    let seen = 0
    return JSON.stringify(
      JSON.parse(text, function (this: unknown, key: string, value: unknown) {
        if (Array.isArray(this) || key === '') return value
        seen += 1
        if (seen !== 1 + (at % count)) return value
        if (to === 'lost') return undefined
        if (to === 'renamed') Reflect.set(Object(this), `${key}_of_later_days`, value)
        return to === 'renamed' ? undefined : to
      }),
    )
  }, documents[index] ?? ''),
)

const rearrangedProperty = (parse: Parser) =>
  property(rearranged, (text) => complaint(parse, text, (raw) => badJson.test(raw)) === undefined)

/** Cut before the errors line of the last pool. */
const cutProperty = (parse: Parser) =>
  property(nat(texts.length - 1), anywhere, (index, at) => {
    const text = texts[index] ?? ''
    const errorsAt = text.lastIndexOf('\nerrors:')
    pre(errorsAt > 0)
    const cut = text.slice(0, at % (errorsAt + 1))
    try {
      const last = parse(cut).at(-1)
      // A cut between two pools leaves whole ones; one behind the blank line of a table has lost its errors.
      return (
        last === undefined || last.dataErrors.count === null || cut.lastIndexOf('\nerrors:') > cut.lastIndexOf('pool:')
      )
    } catch (error) {
      return error instanceof UnexpectedOutput
    }
  })

// FUZZ_RUNS and FUZZ_SEED are for longer hunts by hand.
const runs = {
  numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000),
  seed: Number(process.env['FUZZ_SEED'] ?? 20_261_123),
  endOnFailure: true,
}

describe('whatever is damaged', { timeout: 60_000 + runs.numRuns * 20 }, () => {
  test('text is read or refused, never taken for well', () => {
    expect(defaultReportMessage(check(textProperty(parsePoolStatusText), runs))).toBeUndefined()
  })

  test('JSON is read or refused, never taken for well', () => {
    expect(defaultReportMessage(check(jsonProperty(parsePoolStatusJson), runs))).toBeUndefined()
  })

  test('JSON with keys lost or renamed is read or refused, never taken for well', () => {
    expect(
      defaultReportMessage(check(rearrangedProperty(parsePoolStatusJson), { ...runs, numRuns: runs.numRuns / 2 })),
    ).toBeUndefined()
  })

  test('text that was cut before its errors counts none', () => {
    expect(defaultReportMessage(check(cutProperty(parsePoolStatusText), runs))).toBeUndefined()
  })

  test('enough damaged texts are still read, so that the tests above mean something', () => {
    const outcomes = sample(damaged(texts), { numRuns: 1000, seed: 1 }).map((text) => {
      try {
        return parsePoolStatusText(text).length > 0
      } catch {
        return false
      }
    })
    expect(outcomes.filter(Boolean).length).toBeGreaterThan(200)
  })
})

const broken =
  (parse: Parser, change: (pool: PoolStatus) => PoolStatus): Parser =>
  (text) =>
    parse(text).map((pool) => change(pool))
const noErrors = (pool: PoolStatus): PoolStatus => ({
  ...pool,
  dataErrors: { count: pool.dataErrors.count ?? 0, paths: [] },
})
const noVdevs = (pool: PoolStatus): PoolStatus => ({
  ...pool,
  state: 'ONLINE',
  root: { state: 'ONLINE', readErrors: 0, writeErrors: 0, checksumErrors: 0, note: '' },
  vdevs: { data: [], special: [], dedup: [], log: [], cache: [], spare: [] },
})

const blind: Parser = (text) => parsePoolStatusText(text.replaceAll(/^errors:.*$/gm, 'errors: No known data errors'))
const lenient: Parser = (text) => {
  try {
    return parsePoolStatusText(text)
  } catch {
    return parsePoolStatusText(text.replaceAll(/^.*(?:DEGRADED|FAULTED|OFFLINE|UNAVAIL|REMOVED).*\n/gm, ''))
  }
}
const crashing: Parser = (text) => (text.includes('scan') ? parsePoolStatusText(text) : [...JSON.parse(text)])

describe('the oracle finds a parser that', { timeout: 60_000 + runs.numRuns * 20 }, () => {
  test('fills 0 where the errors line is missing', () => {
    expect(check(cutProperty(broken(parsePoolStatusText, noErrors)), runs).failed).toBe(true)
  })

  test('overlooks an errors line', () => {
    expect(check(textProperty(blind), runs).failed).toBe(true)
  })

  test('overlooks the states of disks', () => {
    expect(check(textProperty(broken(parsePoolStatusText, noVdevs)), runs).failed).toBe(true)
    expect(check(jsonProperty(broken(parsePoolStatusJson, noVdevs)), runs).failed).toBe(true)
  })

  test('skips a line that it does not know', () => {
    expect(check(textProperty(lenient), runs).failed).toBe(true)
  })

  test('crashes', () => {
    expect(check(textProperty(crashing), runs).failed).toBe(true)
  })
})
