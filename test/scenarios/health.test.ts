import { describe, expect, it } from 'vitest'
import { renderShort } from '../../src/cli/render-short.ts'
import { judge } from '../../src/domain/health/judge.ts'
import type { Finding, Severity } from '../../src/domain/health/finding.ts'
import { minutes } from '../../src/domain/units.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import type { Fault } from '../../src/sim/faults/fault.ts'
import { faults, mendFault } from '../../src/sim/faults/index.ts'
import { hostOf, poolAt } from '../../src/sim/lookup.ts'
import { observeWorld } from '../../src/sim/observed-fleet.ts'
import { simHost } from '../../src/sim/ports.ts'
import { runZpool } from '../../src/sim/sim-zpool.ts'

/** What is wrong with a world in which the given faults were applied to healthy hosts under observation. */
async function findingsWith(names: readonly string[], severities: readonly Severity[] = bad): Promise<string[]> {
  return said(await allWith(names), severities)
}

async function allWith(names: readonly string[]): Promise<Finding[]> {
  const fleet = await observeWorld(createWorld({ pins: 60 }), 'test')
  try {
    await fleet.breakWith(names)
    return judge(await fleet.look()).findings
  } finally {
    await fleet.close()
  }
}

const bad: readonly Severity[] = ['critical', 'unknown', 'warning']

const said = (findings: readonly Finding[], wanted: readonly Severity[]): string[] =>
  findings
    .filter(({ severity }) => wanted.includes(severity))
    .map(({ code, subject }) => `${code} ${subject}`)
    .toSorted()

const expected = ({ expects }: Fault, isInfo: boolean): string[] =>
  expects
    .filter((one) => (one.isInfo ?? false) === isInfo)
    .map(({ code, subject }) => `${code} ${subject}`)
    .toSorted()

describe('health of a simulated fleet', () => {
  it('finds nothing where nothing is wrong', async () => {
    expect(await findingsWith([])).toEqual([])
  })

  it.each(faults.map((fault) => ({ name: fault.name, fault })))(
    '$name: just what the fault is, and one cause of it',
    async ({ fault }) => {
      const found = await allWith([fault.name])
      expect(said(found, bad)).toEqual(expected(fault, false))
      const told = found.filter(({ severity, explainedBy }) => bad.includes(severity) && explainedBy === undefined)
      expect(told.length).toBe(expected(fault, false).length === 0 ? 0 : 1)
    },
  )

  it('of the faults of the demo, each is told by its cause, on half a screen', async () => {
    const fleet = await observeWorld(createWorld(), 'test')
    await fleet.breakWith(['disk-removed', 'kubo-killed', 'pool-filling', 'pin-errors', 'executor-absent'])
    // Long enough for what was not permitted to become old.
    await fleet.pass(minutes(10))
    const lines = renderShort(judge(await fleet.look()), { colours: false, columns: 80 })
    await fleet.close()
    const codes = lines.flatMap((line) => /^ {2}([A-Z_]+)/.exec(line)?.[1] ?? [])
    expect(codes.toSorted()).toEqual([
      'DISK_REMOVED',
      'KUBO_UNREACHABLE',
      'PIN_ERRORS',
      'POOL_NEARLY_FULL',
      'PROBE_NOT_PERMITTED',
    ])
    expect(lines.length).toBeLessThanOrEqual(24)
  })

  const withInfo = faults
    .filter(({ expects }) => expects.some(({ isInfo }) => isInfo))
    .map((fault) => ({ name: fault.name, fault }))
  it.each(withInfo)('$name: what is told as an info', async ({ fault }) => {
    const found = await findingsWith([fault.name], ['info'])
    expect(found).toEqual(expect.arrayContaining(expected(fault, true)))
    expect(await findingsWith([], ['info'])).not.toEqual(expect.arrayContaining(expected(fault, true)))
  })
})

describe('damage that ZFS has forgotten because a scrub was stopped', () => {
  it('stays a finding until all was read again without an error', async () => {
    const world = createWorld({ pins: 20 })
    const fleet = await observeWorld(world, 'test')
    const scrub = (...flags: string[]) => runZpool(world, hostOf(world, 'n1'), ['scrub', ...flags, 'warm-tier'], '')
    const found = async () => said(judge(await fleet.look()).findings, bad)
    try {
      await fleet.breakWith(['data-errors'])
      scrub()
      await fleet.pass(minutes(2))
      scrub('-s')
      await fleet.pass(minutes(2))
      expect(await simHost(world, 'n1').storage?.poolStatus()).toMatchObject([{}, { dataErrors: { count: 0 } }, {}])
      expect(await found()).toContain('POOL_DATA_ERRORS n1/warm-tier')
      mendFault(world, 'data-errors')
      poolAt(world, 'n1/warm-tier').scrubs.takes = minutes(5)
      scrub()
      await fleet.pass(minutes(2))
      expect(await found()).toContain('POOL_DATA_ERRORS n1/warm-tier')
      await fleet.pass(minutes(6))
      expect(await found()).toEqual([])
    } finally {
      await fleet.close()
    }
  })
})
