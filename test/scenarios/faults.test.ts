import { describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/units.ts'
import { simClock } from '../../src/sim/clock.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { applyFault, faults, mendFault, UnknownFault } from '../../src/sim/faults/index.ts'
import { simHost } from '../../src/sim/ports.ts'
import { hostOf } from '../../src/sim/lookup.ts'
import type { World } from '../../src/sim/world.ts'

/** Few pins: every pin is read eighteen times. */
const smallWorld = () => createWorld({ pins: 40 })

/** Everything that the ports of a world say, failures by their words. */
async function everything(world: World): Promise<Record<string, unknown>> {
  const said: Record<string, unknown> = {}
  const note = async (what: string, ask: (signal: AbortSignal) => Promise<unknown>) => {
    said[what] = await ask(AbortSignal.timeout(20)).catch((error: unknown) => String(error))
  }
  for (const { name } of world.hosts) {
    const host = simHost(world, name)
    const { storage, stores } = host
    const { agent } = hostOf(world, name)
    said[`${name} agent`] = agent
    await note(`${name} machine`, (signal) => host.machine.facts(signal))
    await note(`${name} file systems`, (signal) => host.machine.filesystems(signal))
    await note(`${name} services`, (signal) => host.machine.services(['ipfs@warm.service'], signal))
    await note(`${name} installed`, (signal) => host.machine.installed(signal))
    await note(`${name} disks`, (signal) => host.machine.disks(signal))
    await note(`${name} io`, (signal) => host.machine.io(signal))
    await note(`${name} smart`, (signal) => host.machine.smart(signal))
    await note(`${name} boot`, (signal) => host.machine.boot(signal))
    await note(`${name} privileges`, (signal) => host.privileges(signal))
    if (storage !== undefined) {
      for (const ask of ['version', 'poolStatus', 'pools', 'poolStates', 'arc'] as const) {
        await note(`${name} ${ask}`, (signal) => storage[ask](signal))
      }
      await note(`${name} datasets`, (signal) => storage.datasets([], signal))
    }
    for (const { declaration, daemons, pinning, content } of stores) {
      const store = `${name}/${declaration.name}`
      said[`${store} declaration`] = declaration
      await note(`${store} settings`, (signal) => daemons.clusterSettings?.(signal) ?? Promise.resolve(undefined))
      await note(`${store} process`, (signal) => daemons.kuboProcess(signal))
      await note(`${store} exposure`, (signal) => daemons.exposure(signal))
      if (pinning === undefined || content === undefined) continue
      await note(`${store} self`, (signal) => pinning.self(signal))
      await note(`${store} peers`, (signal) => Array.fromAsync(pinning.peers(signal)))
      await note(`${store} allocations`, (signal) => Array.fromAsync(pinning.allocations(signal)))
      await note(`${store} pins`, (signal) => Array.fromAsync(pinning.pins([], signal)))
      await note(`${store} trouble`, (signal) => Array.fromAsync(pinning.pins(['pin_error', 'pin_queued'], signal)))
      await note(`${store} freespace`, (signal) => pinning.metrics('freespace', signal))
      await note(`${store} tag`, (signal) => pinning.metrics('tag:tier', signal))
      await note(`${store} kubo`, (signal) => content.self(signal))
      await note(`${store} kubo settings`, (signal) => content.settings(signal))
      await note(`${store} kubo pins`, (signal) => Array.fromAsync(content.pins(signal)))
    }
  }
  return said
}

describe('the registry of faults', () => {
  it('has names that people can type, each once', () => {
    const names = faults.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
  })

  it('refuses a name that it does not know, and says which it knows', () => {
    expect(() => applyFault(smallWorld(), 'gremlins')).toThrow(UnknownFault)
    expect(() => applyFault(smallWorld(), 'gremlins')).toThrow('kubo-killed')
  })

  it('has an effect the first time only', () => {
    const world = smallWorld()
    expect(applyFault(world, 'kubo-killed')?.sequence).toBe(1)
    expect(applyFault(world, 'kubo-killed')).toBeUndefined()
    expect(mendFault(world, 'kubo-killed')?.sequence).toBe(2)
    expect(mendFault(world, 'kubo-killed')).toBeUndefined()
    expect(world.effects).toHaveLength(2)
  })
})

describe('two equal worlds', () => {
  it('say the same as long as nothing is done to them', async () => {
    expect(await everything(smallWorld())).toEqual(await everything(smallWorld()))
  })
})

describe.each(faults.map((fault) => ({ name: fault.name, fault })))('$name', ({ name, fault }) => {
  it('changes what the ports say, on the hosts that it names and on no other', async () => {
    const [healthy, broken] = [smallWorld(), smallWorld()]
    applyFault(broken, name)
    for (const world of [healthy, broken]) simClock(world).advance(milliseconds(fault.settlesAfter))
    const [before, after] = [await everything(healthy), await everything(broken)]
    const changed = Object.keys(before).filter(
      (what) => JSON.stringify(before[what], bigints) !== JSON.stringify(after[what], bigints),
    )
    expect(changed).not.toEqual([])
    const hosts = new Set(fault.expects.map(({ subject }) => subject.split('/')[0]))
    // What other peers see of a peer may change everywhere; all else only where the fault is.
    const elsewhere = changed.filter(
      // What is said of a cluster can come from any of its hosts.
      (what) => !hosts.has('main') && !hosts.has(what.split(/[ /]/)[0]) && !/ (self|peers|freespace|tag)$/.test(what),
    )
    expect(elsewhere).toEqual([])
  })

  it('is gone without a trace when mended, but for the effects', async () => {
    const world = smallWorld()
    const before = await everything(world)
    applyFault(world, name)
    mendFault(world, name)
    expect(await everything(world)).toEqual(before)
    expect(world).toEqual({ ...smallWorld(), effects: world.effects })
    expect(world.effects.map(({ kind }) => kind)).toEqual(['fault applied', 'fault mended'])
  })
})

const bigints = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)
