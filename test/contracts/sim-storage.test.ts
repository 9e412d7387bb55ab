import { HostObservation } from '../../src/domain/observation.ts'
import { milliseconds } from '../../src/domain/units.ts'
import { observedStorage } from '../../src/adapters/agent/observed-storage.ts'
import { simClock } from '../../src/sim/clock.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { observeWorld } from '../../src/sim/observed-fleet.ts'
import { hostOf } from '../../src/sim/lookup.ts'
import { simHost } from '../../src/sim/ports.ts'
import { runProgram } from '../../src/sim/sim-programs.ts'
import { simStorage } from '../../src/sim/sim-storage.ts'
import { makeSnapshot } from '../builders/make-snapshot.ts'
import { snapshotsContract } from './snapshots.contract.ts'
import { storageContract } from './storage.contract.ts'

storageContract('the simulator', async () => {
  const world = createWorld()
  const clock = simClock(world)
  const { storage } = simHost(world, 'n1')
  if (storage === undefined) throw new Error('the default world has pools on n1')
  return {
    storage,
    pass: async (elapsed) => clock.advance(milliseconds(elapsed)),
    close: () => Promise.resolve(),
  }
})

for (const [name, version] of [
  ['n1', '2.1.11'],
  ['n2', '2.3.2'],
] as const) {
  snapshotsContract(`the simulator, OpenZFS ${version}`, async () => {
    const world = createWorld()
    const host = hostOf(world, name)
    const zfs = (...args: string[]) => void runProgram(world, host, { file: 'zfs', args, by: '' })
    return {
      storage: simStorage(world, host),
      make: async (snapshot, operation) => void makeSnapshot(world, name, snapshot, operation),
      hold: async (tag, snapshot) => zfs('hold', tag, snapshot),
      release: async (tag, snapshot) => zfs('release', tag, snapshot),
      async destroy(snapshot) {
        for (const pool of host.pools) pool.snapshots = pool.snapshots.filter((one) => one.name !== snapshot)
      },
      close: () => Promise.resolve(),
    }
  })
}

storageContract('the simulator, through an agent’s observation', async () => {
  const fleet = await observeWorld(createWorld(), '0')
  const observe = async (signal?: AbortSignal) => {
    signal?.throwIfAborted()
    const view = await fleet.look()
    const contact = view.hosts.find(({ declaration }) => declaration.name === 'n1')?.contact
    if (contact?.state !== 'answered') throw new Error('n1 answers in the default world')
    // Over the wire and back.
    return HostObservation.parse(JSON.parse(JSON.stringify(contact.observation)))
  }
  return {
    storage: observedStorage(observe),
    pass: (elapsed) => fleet.pass(milliseconds(Math.max(elapsed, 10_000))),
    close: () => fleet.close(),
  }
})
