import { describe, expect, it } from 'vitest'
import { judge } from '../../src/domain/health/judge.ts'
import type { Finding } from '../../src/domain/health/finding.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import type { Fault } from '../../src/sim/faults/fault.ts'
import { faultNamed, faults } from '../../src/sim/faults/index.ts'
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

/** Faults that the checks do not judge rightly yet. Such a test fails as soon as they do: then its line goes. */
const knownWrong: Record<string, string> = {
  'peer-missing': "PEER_MISSING takes a peer's own answer for being seen",
  'executor-absent': 'OBSERVATION_STALE counts the age of rights that are known to be missing',
}

describe('health of a simulated fleet', () => {
  it('finds nothing where nothing is wrong', async () => {
    expect(await findingsWith([])).toEqual([])
  })

  const good = faults.filter(({ name }) => !Object.hasOwn(knownWrong, name))
  it.each(good.map((fault) => ({ name: fault.name, fault })))('$name: just what the fault is', async ({ fault }) => {
    expect(await findingsWith([fault.name])).toEqual(wanted(fault))
  })

  for (const [name, reason] of Object.entries(knownWrong)) {
    it.fails(`${name}: just what the fault is (known to be wrong: ${reason})`, async () => {
      expect(await findingsWith([name])).toEqual(wanted(faultNamed(name)))
    })
  }
})
