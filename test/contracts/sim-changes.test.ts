import { Instant } from '../../src/domain/units.ts'
import { simClock } from '../../src/sim/clock.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { hostOf, poolOf } from '../../src/sim/lookup.ts'
import { loseOperations } from '../../src/sim/sim-agent.ts'
import { simChanges, takeOver } from '../../src/sim/sim-changes.ts'
import { changesContract } from './changes.contract.ts'

changesContract('the simulator', async () => {
  const world = createWorld({ pins: 20 })
  const clock = simClock(world)
  const { changing, ...host } = hostOf(world, 'n2')
  return {
    as: (authority) => simChanges(world, 'n2', clock, authority),
    takeOver: async (authority) => takeOver(world, 'n2', { clock, authority }),
    now: () => Instant.parse(Math.floor(world.now)),
    async pass(time) {
      clock.advance(time)
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
    },
    marks: async () => changing.marks.map(({ mark, operation }) => ({ mark, operation })),
    pool: { pool: 'hot-tier', guid: poolOf({ changing, ...host }, 'hot-tier').guid },
    scrubCommands: () => world.effects.filter(({ kind }) => kind.startsWith('scrub ')).length,
    crash: async () => loseOperations(world, 'n2', { commandsGoOn: false }),
    close: async () => undefined,
  }
})
