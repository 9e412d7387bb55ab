import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Check } from '../../src/domain/health/check.ts'
import { Finding, severities, type Severity } from '../../src/domain/health/finding.ts'
import { checks } from '../../src/domain/health/checks/index.ts'
import { judge } from '../../src/domain/health/judge.ts'
import { observationStale } from '../../src/domain/health/checks/observation-stale.ts'
import type { FleetView } from '../../src/domain/health/view.ts'
import { leaves } from '../../src/domain/pool-status.ts'
import { days } from '../../src/domain/units.ts'
import { flawedBench, fleetView, readingsOf, statusesOf } from '../builders/arbitrary-view.ts'
import { bench } from '../builders/fleet-view.ts'
import { before, trouble } from '../builders/readings.ts'

const folder = join(import.meta.dirname, '../../src/domain/health/checks')
const fileOf = (code: string) => `${code.toLowerCase().replaceAll('_', '-')}.ts`

/** Views of all kinds, made once, since making them takes longer than judging them. */
const views = fc.sample(fleetView, { seed: 20261123, numRuns: 150 }).map((view) => deepFreeze(view))

/** What every check must be; the faults in it, in words. */
function formFaults({ code, title, severities: declared, explanation }: Check): string[] {
  const { meaning, endangers, remedy, sources } = explanation
  const texts = { title, meaning, endangers, remedy, ...Object.fromEntries(sources.entries()) }
  return [
    ...(/^[A-Z]+(_[A-Z]+)+$/.test(code) ? [] : [`${code} is not words in capitals`]),
    ...(existsSync(join(folder, fileOf(code))) ? [] : [`there is no ${fileOf(code)}`]),
    ...(existsSync(join(folder, fileOf(code).replace('.ts', '.test.ts')))
      ? []
      : [`${fileOf(code)} has no test beside it`]),
    ...(declared.length > 0 ? [] : ['it names no severity']),
    ...(declared.every((one, index) => index === declared.indexOf(one)) ? [] : ['it names a severity twice']),
    ...(sources.length > 0 ? [] : ['it names no source']),
    ...Object.entries(texts).flatMap(([what, text]) => (text.trim() === '' ? [`its ${what} is empty`] : [])),
    ...Object.values(texts).flatMap((text) => forbiddenAdvice(text)),
  ]
}

/** What no remedy may say: it cannot be undone (OpenZFS prints some of it as advice where one disk is away). */
function forbiddenAdvice(text: string): string[] {
  const found =
    /zpool (destroy|upgrade|labelclear|split|reguid)|labelclear|import -[fFXm]|zfs (destroy|rollback)/i.exec(text)
  return found === null ? [] : [`it advises ${found[0]}`]
}

describe.each(checks.map((check) => ({ code: check.code, check })))('$code', ({ check }) => {
  test('has a code, a file of that name, a test and complete documentation', () => {
    expect(formFaults(check)).toEqual([])
  })

  test('is pure: a frozen view gives the same findings twice', () => {
    for (const view of views) expect(check.find(view)).toEqual(check.find(structuredClone(view)))
  })

  test('gives valid findings of its own code and severities, with reasons and remedies, whatever it sees', () => {
    expect(views.flatMap((view) => findingFaults(check, view))).toEqual([])
  })
})

function findingFaults(check: Check, view: FleetView): string[] {
  const hosts = new Set(view.hosts.map(({ declaration }) => declaration.name))
  return check.find(view).flatMap((finding) => {
    const { code, severity, summary, evidence, endangers, remedy, place, subject } = Finding.parse(finding)
    const harmless = severity === 'ok' || severity === 'info'
    return [
      ...(code === check.code ? [] : [`it gives ${code}`]),
      ...(check.severities.includes(severity) ? [] : [`it does not name ${severity}`]),
      ...(summary === '' || subject === '' || remedy === '' ? ['a text is empty'] : []),
      ...(evidence.length > 0 ? [] : ['there is no evidence']),
      ...((endangers === '') === harmless ? [] : [`endangers is '${endangers}' for ${severity}`]),
      ...(place.host === undefined || hosts.has(place.host) ? [] : [`it is about host ${place.host}`]),
      ...forbiddenAdvice(`${summary} ${remedy}`),
      ...(/undefined|NaN|\[object/.test(summary + endangers + remedy) ? [`it says: ${summary} ${remedy}`] : []),
    ]
  })
}

describe('the registry', () => {
  test('has every code once', () => {
    const codes = checks.map(({ code }) => code)
    expect(new Set(codes).size).toBe(codes.length)
  })

  test('holds every check that lies in the folder', () => {
    const known = new Set(checks.map(({ code }) => fileOf(code)))
    const tested = readdirSync(folder)
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => file.replace('.test', ''))
    expect([...known].filter((file) => !tested.includes(file))).toEqual([])
    const shared = [
      'failures-to-lose.ts',
      'judge.ts',
      'looks.ts',
      'mute.ts',
      'narrow.ts',
      'redundancy.ts',
      'staleness.ts',
      'while-judging.ts',
    ]
    expect(tested.filter((file) => !known.has(file) && !shared.includes(file))).toEqual([])
  })

  test('a check that lacks everything is told so', () => {
    const bad: Check = {
      code: 'bad',
      title: ' ',
      severities: [],
      explanation: { meaning: 'x', endangers: 'x', remedy: 'Run `zpool destroy tank`.', sources: [] },
      find: () => [],
    }
    expect(formFaults(bad)).toHaveLength(7)
  })

  test('a check that changes what it looks at would be caught', () => {
    expect(() => observationStale.find(deepFreeze(nothingKnown()))).not.toThrow()
    expect(() => deepFreeze(nothingKnown()).fleet.hosts.pop()).toThrow(TypeError)
  })

  test('no two findings of a broken bench share code and subject', () => {
    const { view, n1, n2 } = bench()
    Object.assign(n1.sda, { state: 'FAULTED' })
    Object.assign(n1.sdb, { readErrors: 4 })
    Object.assign(n1.status, { state: 'DEGRADED', dataErrors: { count: null, paths: [] }, scans: [] })
    for (const reading of readingsOf({ ...view, hosts: view.hosts.slice(1) })) reading.trouble = trouble('failed')
    n2.zfs.privileges.trouble = trouble('not-permitted')
    n2.zfs.datasets.trouble = trouble('stuck')
    const keys = judge(view).findings.map(({ code, subject }) => `${code} ${subject}`)
    expect(keys.length).toBeGreaterThan(8)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

const rank = (severity: Severity) => severities.indexOf(severity)

/** The bench, where nobody has looked at anything. */
function nothingKnown(): FleetView {
  const { view } = bench()
  for (const reading of readingsOf(view)) reading.last = null
  return view
}

describe('unknown is never green', () => {
  test('a host that answers and knows nothing is unknown', () => {
    expect(judge(nothingKnown()).status).toBe('unknown')
  })

  test('that is seen here: without OBSERVATION_STALE, and PEER_MISSING which misses its witnesses, it would be ok', () => {
    const rest = checks.filter(({ code }) => code !== observationStale.code && code !== 'PEER_MISSING')
    expect(judge(nothingKnown(), rest).status).toBe('ok')
  })

  test.each(readingsOf(bench().view).keys().toArray())(
    'reading %d of a healthy fleet is missing, old, or in trouble',
    (index) => {
      const kinds = ['failed', 'unreachable', 'not-understood', 'missing-program', 'not-permitted', 'stuck'] as const
      const broken = (change: (reading: ReturnType<typeof readingsOf>[number]) => void) => {
        const { view } = bench()
        const reading = readingsOf(view)[index]
        if (reading === undefined) throw new Error(`there is no reading ${index}`)
        change(reading)
        return judge(view).status
      }
      expect(broken(() => {})).toBe('ok')
      expect(broken((reading) => Object.assign(reading, { last: null }))).toBe('unknown')
      expect(broken(({ last }) => last && Object.assign(last, { at: before(last.at, days(1)) }))).toBe('unknown')
      const troubled = kinds.flatMap((kind) => [
        broken((reading) => Object.assign(reading, { trouble: trouble(kind) })),
        broken((reading) => Object.assign(reading, { last: null, trouble: trouble(kind) })),
      ])
      expect(troubled).not.toContain('ok')
    },
  )
})

/** Whether a view may lose one reading without looking better than unknown; the counterexample otherwise. */
function losesNothingByBlindness(using: readonly Check[]): fc.RunDetails<[FleetView, number]> {
  return fc.check(
    fc.property(fc.oneof(fleetView, flawedBench), fc.nat(), (view, index) => {
      const all = readingsOf(view)
      if (all.length === 0) return
      Object.assign(all[index % all.length] ?? {}, { last: null, trouble: null })
      expect(rank(judge(view, using).status)).toBeLessThanOrEqual(rank('unknown'))
    }),
    { numRuns: 100, endOnFailure: true },
  )
}

/** Whether a view never looks better after one more disk has failed. */
function losesNothingByFailure(using: readonly Check[]): fc.RunDetails<[FleetView, number]> {
  return fc.check(
    fc.property(fc.oneof(fleetView, flawedBench), fc.nat(), (view, index) => {
      const online = statusesOf(view)
        .flatMap(({ vdevs }) => leaves(Object.values(vdevs).flat()))
        .filter(({ state }) => state === 'ONLINE')
      const disk = online[index % online.length]
      const earlier = judge(view, using).status
      if (disk !== undefined) disk.state = 'FAULTED'
      expect(rank(judge(view, using).status)).toBeLessThanOrEqual(rank(earlier))
    }),
    // To shrink a whole fleet took minutes with some seeds.
    { numRuns: 150, endOnFailure: true },
  )
}

describe('knowing less, or having less, never looks better', () => {
  test('a reading without a value is unknown or critical', () => {
    expect(losesNothingByBlindness(checks).failed).toBe(false)
  })

  test('one more failed disk is never an improvement', () => {
    expect(losesNothingByFailure(checks).failed).toBe(false)
  })

  test('nor where only the checks of pools and disks are asked', () => {
    const about = checks.filter(({ code }) => /^(DISK|POOL)_/.test(code))
    expect(losesNothingByFailure(about).failed).toBe(false)
  })

  test('that is seen here: without the check that tells it, both fail', () => {
    expect(losesNothingByBlindness(checks.filter(({ code }) => code !== 'OBSERVATION_STALE')).failed).toBe(true)
    const about = checks.filter(({ code }) => code === 'DISK_ERRORS')
    expect(losesNothingByFailure(about).failed).toBe(true)
  })
})

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
