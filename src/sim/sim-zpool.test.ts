import { describe, expect, it } from 'vitest'
import { hours } from '../domain/units.ts'
import { simClock } from './clock.ts'
import { createWorld } from './create-world.ts'
import { applyFault, mendFault } from './faults/index.ts'
import { hostOf } from './lookup.ts'
import { simHost } from './ports.ts'
import { runZpool } from './sim-zpool.ts'

/** A pool with three damaged files that are listed, and the commands of a scrub over it. */
function damaged() {
  const world = createWorld({ pins: 20 })
  applyFault(world, 'data-errors')
  const host = hostOf(world, 'n1')
  return {
    scrub: (...flags: string[]) => runZpool(world, host, ['scrub', ...flags, 'warm-tier'], ''),
    listed: async () => {
      const all = (await simHost(world, 'n1').storage?.poolStatus()) ?? []
      return all.find(({ name }) => name === 'warm-tier')?.dataErrors.count
    },
    passDay: () => simClock(world).advance(hours(24)),
    mend: () => mendFault(world, 'data-errors'),
  }
}

describe('the list of damaged files of a simulated pool', () => {
  it('stays while a scrub runs or is paused, is empty when it is stopped, and is found again by a whole one', async () => {
    const { scrub, listed, passDay, mend } = damaged()
    scrub()
    expect(await listed()).toBe(3)
    scrub('-p')
    expect(await listed()).toBe(3)
    scrub('-s')
    expect(await listed()).toBe(0)
    scrub()
    expect(await listed()).toBe(0)
    passDay()
    expect(await listed()).toBe(3)
    mend()
    scrub()
    passDay()
    expect(await listed()).toBe(0)
  })

  it('stays after a scrub that was left to end', async () => {
    const { scrub, listed, passDay } = damaged()
    scrub()
    passDay()
    expect(await listed()).toBe(3)
  })
})
