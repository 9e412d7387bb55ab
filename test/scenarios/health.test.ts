import { describe, expect, it } from 'vitest'
import { judge } from '../../src/domain/health/judge.ts'
import type { Finding, Severity } from '../../src/domain/health/finding.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import type { Fault } from '../../src/sim/faults/fault.ts'
import { faults } from '../../src/sim/faults/index.ts'
import { observeWorld } from '../../src/sim/observed-fleet.ts'

/** What is wrong with a world in which the given faults were applied to healthy hosts under observation. */
async function findingsWith(names: readonly string[], severities: readonly Severity[] = bad): Promise<string[]> {
  const fleet = await observeWorld(createWorld({ pins: 60 }), 'test')
  try {
    await fleet.breakWith(names)
    return said(judge(await fleet.look()).findings, severities)
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

  it.each(faults.map((fault) => ({ name: fault.name, fault })))('$name: just what the fault is', async ({ fault }) => {
    expect(await findingsWith([fault.name])).toEqual(expected(fault, false))
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
