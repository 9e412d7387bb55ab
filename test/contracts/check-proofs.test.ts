import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { faults as labFaults } from '../../lab/faults.ts'
import { checks } from '../../src/domain/health/checks/index.ts'
import { faults as simFaults } from '../../src/sim/faults/index.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Codes that have to be seen on the real programs, and what provokes each there: faults of `lab/faults.ts`, by name. */
const seenForReal: Readonly<Record<string, readonly (keyof typeof labFaults)[]>> = {
  AGENT_UNREACHABLE: ['killAgent', 'changeHostKey'],
  PROBE_NOT_PERMITTED: ['removeExecutor'],
  CLOCK_SKEW: ['moveClock'],
  POOL_SUSPENDED: ['suspendPool'],
  POOL_DEGRADED: ['pullDisk'],
  POOL_DATA_ERRORS: ['damageBlock'],
  POOL_NEARLY_FULL: ['fillStore'],
  DATASET_NOT_MOUNTED: ['unmountStore'],
  DISK_REMOVED: ['pullDisk'],
  DISK_ERRORS: ['corruptMirror', 'raidzErrors'],
  SPARE_IN_USE: ['spareTakesOver'],
  // Not a fault but a time, in the platform tests themselves.
  SCRUB_OVERDUE: [],
  CLUSTER_UNREACHABLE: ['killCluster'],
  PEER_MISSING: ['killCluster'],
  KUBO_UNREACHABLE: ['killKubo'],
  PIN_ERRORS: ['pinUnfetchable'],
  PINSET_DIVERGED: ['splitPeer'],
  PINS_UNEXPECTEDLY_UNPINNED: ['splitPeer'],
  PINS_WITHOUT_COMPLETE_COPY: ['loseBlock'],
}

/** Codes whose real cause no lab can make: where what the real program said of it elsewhere is read and judged. */
const recorded: Readonly<Record<string, string>> = {
  DISK_SMART: 'src/adapters/disks/smartctl.test.ts',
}

/** Where a check has to be proven. */
interface Proofs {
  /** Text of the test beside a check; undefined where there is none. */
  story: (code: string) => string | undefined
  /** Codes that a fault of the simulator must make health say. */
  simulated: ReadonlySet<string>
  /** The page of all codes. */
  page: string
  /** Text of each platform test. */
  platform: readonly string[]
}

const storyOf = (code: string): string | undefined => {
  const path = `src/domain/health/checks/${code.toLowerCase().replaceAll('_', '-')}.test.ts`
  return existsSync(join(root, path)) ? read(path) : undefined
}

const proofs: Proofs = {
  story: storyOf,
  simulated: new Set(simFaults.flatMap(({ expects }) => expects.map(({ code }) => code))),
  page: read('docs/reference/health.md'),
  platform: readdirSync(join(root, 'test/platform'))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => read(`test/platform/${file}`)),
}

/** Whether a test names a code: whole, or as one of several of a kind, as in `DISK_(REMOVED|FAULTED)`. */
const names = (text: string, code: string): boolean =>
  [...text.matchAll(/'([A-Z_]+(?:\([A-Z_|]+\))?)'/g)].some(([, pattern = '']) => new RegExp(`^${pattern}$`).test(code))

/** What a check has nothing to show for, in words. */
function missingProofs(code: string, { story, simulated, page, platform }: Proofs): string[] {
  const told = story(code)
  // A story of what is found, and at least one of what is not: mended, another matter, or not known.
  const stories = told === undefined ? [] : (told.match(/^\s*(?:test|it)(?:\.each)?[(<]/gm) ?? [])
  const causes = seenForReal[code]
  const seeing = platform.filter((text) => names(text, code))
  return [
    ...(told === undefined || stories.length < 2 ? ['it has no unit story'] : []),
    ...(simulated.has(code) ? [] : ['no fault of the simulator provokes it']),
    ...(new RegExp(`^## ${code}$`, 'm').test(page) ? [] : ['it has no page']),
    ...(causes === undefined || seeing.length > 0 ? [] : ['no platform test sees it']),
    ...(causes ?? [])
      .filter((cause) => !seeing.some((text) => text.includes(`faults.${cause}`)))
      .map((cause) => `no platform test sees it after ${cause}`),
    ...(recorded[code] === undefined || existsSync(join(root, recorded[code]))
      ? []
      : ['what was recorded of it is gone']),
  ]
}

test.each(checks.map(({ code }) => code))('%s has a unit story, a simulated fault, a page, its real fault', (code) => {
  expect(missingProofs(code, proofs)).toEqual([])
})

describe('the proofs of checks', () => {
  test('that have to be real, or recorded, are of checks that exist', () => {
    const known = new Set(checks.map(({ code }) => code))
    expect([...Object.keys(seenForReal), ...Object.keys(recorded)].filter((code) => !known.has(code))).toEqual([])
  })

  test('use every fault that the lab can make', () => {
    const used = new Set<string>(Object.values(seenForReal).flat())
    expect(Object.keys(labFaults).filter((name) => !used.has(name))).toEqual([])
  })

  test('that are missing are told, each by itself', () => {
    const nothing: Proofs = { story: () => undefined, simulated: new Set(), page: '', platform: [] }
    expect(missingProofs('DISK_ERRORS', nothing)).toEqual([
      'it has no unit story',
      'no fault of the simulator provokes it',
      'it has no page',
      'no platform test sees it',
      'no platform test sees it after corruptMirror',
      'no platform test sees it after raidzErrors',
    ])
    expect(missingProofs('DISK_ERRORS', { ...proofs, story: () => "test('it is found', () => {})" })).toHaveLength(1)
    expect(missingProofs('DISK_ERRORS', { ...proofs, simulated: new Set(['DISK_REMOVED']) })).toHaveLength(1)
    expect(missingProofs('DISK_ERRORS', { ...proofs, page: proofs.page.replace('## DISK_ERRORS', '') })).toHaveLength(1)
    const withoutRaidz = proofs.platform.map((text) => text.replaceAll('faults.raidzErrors', ''))
    expect(missingProofs('DISK_ERRORS', { ...proofs, platform: withoutRaidz })).toEqual([
      'no platform test sees it after raidzErrors',
    ])
  })
})
