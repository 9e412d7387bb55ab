import { describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../src/domain/placement/verdict.ts'
import { okToStop } from '../../src/observe/ok-to-stop.ts'
import { okToStopGate, okToStopVerdict, type Stop } from '../../src/procedures/parts/ok-to-stop-gate.ts'
import { agentWorld } from '../../src/controller/agent-world.ts'
import type { AgentClient } from '../../src/adapters/agent/agent-client.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { hostOf, storeOf } from '../../src/sim/lookup.ts'
import { simFleet } from '../../src/sim/sim-fleet.ts'
import type { World } from '../../src/procedures/world.ts'
import { createStepBench } from '../builders/run-steps.ts'

const restart = (...names: string[]): Stop => ({ kind: 'host', names, policy: defaultPolicy('restart') })

/** The controller's own world over agents that answer as the simulated ones. */
function throughAgents(bench: ReturnType<typeof createStepBench>): World {
  const { procedures, world } = bench
  return agentWorld({
    fleet: simFleet(world),
    view: (signal) => procedures.view(signal),
    agent: (host) => {
      const asked: Partial<AgentClient> = {
        pins: (store) => procedures.pins(host, store),
        placement: async (store, question, signal) => procedures.placement({ host, store }, question, signal),
      }
      // As: nothing else of a client is asked for here.
      return asked as AgentClient
    },
    changes: (host) => procedures.host(host).changes,
  })
}

const worlds = [
  { name: 'simulator', worldOf: ({ procedures }: ReturnType<typeof createStepBench>) => procedures },
  { name: 'controller', worldOf: throughAgents },
]

describe.each(worlds)('whether something may be stopped, asked of the world of the $name', ({ worldOf }) => {
  const prepared = (faults: readonly string[] = []) => {
    const bench = createStepBench(faults, createWorld({ pins: 60 }))
    const world = worldOf(bench)
    const ask = (what: Stop) => bench.pass(okToStopVerdict(what, { world, signal: new AbortController().signal }))
    return { ...bench, ask, seenBy: world }
  }

  test('yes, no and not known are told in a sentence', async () => {
    const { ask } = prepared()
    expect(await ask(restart('n1'))).toMatchObject({ verdict: 'holds', says: expect.stringMatching(/^Yes: /) })
    expect(await ask(restart('n1', 'n2'))).toMatchObject({ verdict: 'objection', says: expect.stringMatching(/^No: /) })
    const silent = prepared(['agent-down'])
    expect(await silent.ask(restart('n1'))).toMatchObject({
      verdict: 'unknown',
      says: expect.stringMatching(/^Not known: /),
    })
  })

  test('the lists of all peers are read anew for it', async () => {
    const { pass, seenBy } = prepared()
    const refreshed: string[] = []
    const spied: World = {
      ...seenBy,
      pins(host, store) {
        const index = seenBy.pins(host, store)
        const refresh: typeof index.refresh = (...asked) => {
          refreshed.push(`${host}/${store}`)
          return index.refresh(...asked)
        }
        return { ...index, refresh }
      },
    }
    expect(
      await pass(okToStopVerdict(restart('n1'), { world: spied, signal: new AbortController().signal })),
    ).toMatchObject({
      verdict: 'holds',
    })
    const peers = ['n1', 'n2', 'n3'].flatMap((host) => ['hot', 'warm', 'cold'].map((store) => `${host}/${store}`))
    expect(new Set(refreshed)).toEqual(new Set(peers))
  })

  test('a Kubo that has gone down since counts for nothing', async () => {
    const { ask, world } = prepared()
    expect((await ask(restart('n1'))).verdict).toBe('holds')
    storeOf(hostOf(world, 'n2'), 'cold').kubo.downSince = world.now
    expect((await ask(restart('n1'))).verdict).toBe('objection')
  })

  test('says the same as the question of a person', async () => {
    const { ask, seenBy, pass } = prepared()
    const { signal } = new AbortController()
    const view = await pass(seenBy.view(signal))
    const asked = await pass(okToStop(view, seenBy, restart('n2'), signal))
    expect({ ok: 'holds', no: 'objection', unknown: 'unknown' }[asked.verdict]).toBe((await ask(restart('n2'))).verdict)
  })
})

describe('the gate before a step that stops something', () => {
  test('is open where it may be stopped, and else a person is asked, with the reason', async () => {
    const { look, run } = createStepBench([], createWorld({ pins: 60 }))
    expect(await look(okToStopGate({ id: 'gate', ...restart('n1') }))).toMatchObject({ state: 'done' })
    const closed = okToStopGate({ id: 'gate', ...restart('n1', 'n2') })
    expect(await look(closed)).toMatchObject({ state: 'absent' })
    await expect(run(closed)).rejects.toMatchObject({ remedy: 'ask', message: expect.stringMatching(/^No: /) })
  })

  test('is closed where it is not known', async () => {
    const { run } = createStepBench(['agent-down'], createWorld({ pins: 60 }))
    await expect(run(okToStopGate({ id: 'gate', ...restart('n1') }))).rejects.toThrow('Not known: ')
  })
})
