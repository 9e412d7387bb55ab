import { describe, expect, it } from 'vitest'
import { judge } from '../../src/domain/health/judge.ts'
import type { Finding } from '../../src/domain/health/finding.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import type { Fault } from '../../src/sim/faults/fault.ts'
import { faults } from '../../src/sim/faults/index.ts'
import { observeWorld } from '../../src/sim/observed-fleet.ts'

/** What is wrong with a world in which the given faults were applied to healthy hosts under observation. */
async function findingsWith(names: readonly string[]): Promise<string[]> {
  const fleet = await observeWorld(createWorld({ pins: 60 }), 'test')
  try {
    await fleet.breakWith(names)
    return said(judge(await fleet.look()).findings)
  } finally {
    await fleet.close()
  }
}

const said = (findings: readonly Finding[]): string[] =>
  findings
    .filter(({ severity }) => severity !== 'ok' && severity !== 'info')
    .map(({ code, subject }) => `${code} ${subject}`)
    .toSorted()

const wanted = ({ expects }: Fault): string[] => expects.map(({ code, subject }) => `${code} ${subject}`).toSorted()

describe('health of a simulated fleet', () => {
  it('finds nothing where nothing is wrong', async () => {
    expect(await findingsWith([])).toEqual([])
  })

  it.each(faults.map((fault) => ({ name: fault.name, fault })))('$name: just what the fault is', async ({ fault }) => {
    expect(await findingsWith([fault.name])).toEqual(wanted(fault))
  })
})
