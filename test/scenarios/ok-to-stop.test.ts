import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { okToStopCommand } from '../../src/cli/ok-to-stop.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { defaultPolicy, type StopPolicy } from '../../src/domain/placement/verdict.ts'
import type { TargetKind } from '../../src/domain/placement/targets.ts'
import { okToStop } from '../../src/observe/ok-to-stop.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { hostOf, membersOf, storeOf } from '../../src/sim/lookup.ts'
import { type ObservedFleet, observeWorld } from '../../src/sim/observed-fleet.ts'
import { pinsetNamed, pinsOf } from '../../src/sim/pinset.ts'
import type { World } from '../../src/sim/world.ts'

/** What would be left of every pin, counted one by one in the world itself. */
function counted(world: World, gone: (host: string, store: string) => boolean) {
  const members = membersOf(world, 'main')
  let below = 0
  let toOne = 0
  let toNone = 0
  for (const pin of pinsOf(pinsetNamed(world, 'main'))) {
    const holders = members.filter(({ store }) => pin.holders.some(({ peer }) => peer === store.peer.id))
    const hosts = (some: typeof holders) => new Set(some.map(({ host }) => host.name)).size
    const now = hosts(holders)
    const after = hosts(holders.filter(({ host, store }) => !gone(host.name, store.name)))
    if (now >= pin.replicationMin && after < pin.replicationMin) below += 1
    if (now > 1 && after === 1) toOne += 1
    if (now > 0 && after === 0) toNone += 1
  }
  return { below, toOne, toNone }
}

describe('a healthy fleet', () => {
  const world = createWorld({ pins: 60 })
  let fleet: ObservedFleet
  beforeAll(async () => {
    fleet = await observeWorld(world, 'test')
  })
  afterAll(() => fleet.close())

  const ask = async (kind: TargetKind, names: string[], policy: StopPolicy) =>
    okToStop(await fleet.look(), fleet, { kind, names, policy })

  test.each<[TargetKind, string[], (host: string, store: string) => boolean]>([
    ['host', ['n1'], (host) => host === 'n1'],
    ['host', ['n1', 'n2'], (host) => host === 'n1' || host === 'n2'],
    ['store', ['n2/hot'], (host, store) => host === 'n2' && store === 'hot'],
    ['kubo', ['n2/hot', 'n3/hot'], (host, store) => host !== 'n1' && store === 'hot'],
    ['pool', ['n3/cold-tier'], (host, store) => host === 'n3' && store === 'cold'],
    ['disk', ['n1/hot-tier/sda', 'n1/hot-tier/sdb'], (host, store) => host === 'n1' && store === 'hot'],
  ])('%s %s: the figures are those of counting each pin', async (kind, names, gone) => {
    const { placements } = await ask(kind, names, defaultPolicy('restart'))
    const truth = counted(world, gone)
    const [placement] = placements
    expect(placement?.state === 'known' && placement.assessment.levels.pinned).toMatchObject({
      fallsBelowMinimum: { atLeast: truth.below, atMost: truth.below },
      fallsToOne: { atLeast: truth.toOne, atMost: truth.toOne },
      fallsToNone: { atLeast: truth.toNone, atMost: truth.toNone },
    })
  })

  test('one host can be restarted, not two at once; of no host can the data be lost', async () => {
    expect((await ask('host', ['n1'], defaultPolicy('restart'))).verdict).toBe('ok')
    expect((await ask('host', ['n1', 'n2'], defaultPolicy('restart'))).verdict).toBe('no')
    expect((await ask('host', ['n1'], defaultPolicy('loss'))).verdict).toBe('no')
    expect((await ask('host', ['n1'], { for: 'loss', keep: 1, level: 'pinned' })).verdict).toBe('ok')
  })

  test('copies that were not walked are not known to be complete', async () => {
    const { verdict, bare } = await ask('host', ['n1'], { for: 'loss', keep: 1, level: 'complete' })
    expect(verdict).toBe('unknown')
    expect(bare).toMatchObject({ atLeast: 0 })
    expect(bare.atMost).toBeGreaterThan(0)
  })

  test('Cluster daemons, and a disk that its mirror can do without, cost no copy', async () => {
    const daemons = await ask('cluster-daemon', ['n1/hot', 'n2/hot', 'n3/hot'], defaultPolicy('loss'))
    expect(daemons).toMatchObject({ verdict: 'ok', placements: [] })
    const disk = await ask('disk', ['n1/hot-tier/sda'], defaultPolicy('loss'))
    expect(disk).toMatchObject({ verdict: 'ok', placements: [] })
    expect(disk.reach.notes).toEqual(['n1/hot-tier can do without disk sda: that costs no copy.'])
  })
})

/** The world with its hosts looked at, broken in some way first. */
async function withBroken<T>(
  breakIt: (world: World) => void,
  use: (fleet: ObservedFleet, world: World) => Promise<T>,
): Promise<T> {
  const world = createWorld({ pins: 60 })
  breakIt(world)
  const fleet = await observeWorld(world, 'test')
  try {
    return await use(fleet, world)
  } finally {
    await fleet.close()
  }
}

const restartOfN1 = async (fleet: ObservedFleet) =>
  okToStop(await fleet.look(), fleet, { kind: 'host', names: ['n1'], policy: defaultPolicy('restart') })

describe('what is down or unknown does not count', () => {
  test('with a Kubo down, the other host cannot be restarted', async () => {
    const { verdict } = await withBroken((world) => {
      storeOf(hostOf(world, 'n2'), 'cold').kubo.downSince = world.now
    }, restartOfN1)
    expect(verdict).toBe('no')
  })

  test('with an agent down it is not known', async () => {
    const { verdict, placements } = await withBroken((world) => {
      hostOf(world, 'n2').agent = 'down'
    }, restartOfN1)
    expect(verdict).toBe('unknown')
    expect(placements).toMatchObject([{ unsure: ['n2/hot: the agent of n2 does not answer', {}, {}] }])
  })

  test('that is seen here: with all of it up, it can', async () => {
    expect((await withBroken(() => undefined, restartOfN1)).verdict).toBe('ok')
  })

  test('what is down and would be lost is not lost for nothing: it may hold the last copy', async () => {
    const { verdict } = await withBroken(
      (world) => {
        storeOf(hostOf(world, 'n2'), 'cold').kubo.downSince = world.now
      },
      async (fleet) =>
        okToStop(await fleet.look(), fleet, { kind: 'store', names: ['n2/cold'], policy: defaultPolicy('loss') }),
    )
    expect(verdict).toBe('unknown')
  })
})

/** What the command says, and its exit status. */
const run = (argv: string[], breakIt: (world: World) => void = () => undefined) =>
  withBroken(breakIt, async (fleet) => {
    const lines: string[] = []
    const terminal: Terminal = {
      write: (line) => void lines.push(line),
      error: (line) => void lines.push(line),
      colours: false,
      columns: 120,
      isInteractive: false,
    }
    const command = okToStopCommand(terminal, async () => ({
      reader: { ...fleet, close: () => Promise.resolve() },
    }))
    command.exitOverride().configureOutput({ writeErr: () => undefined })
    await command.parseAsync(argv, { from: 'user' })
    const status = process.exitCode
    process.exitCode = undefined
    return { text: lines.join('\n'), status }
  })

describe('the command', () => {
  test('says yes in a sentence, then the figures', async () => {
    const { text, status } = await run(['--for', 'restart', 'host', 'n1'])
    expect(status).toBe(0)
    expect(text).toMatch(/^Yes: while host n1 is away, every pin that loses a copy keeps 1 copy on other hosts\.\n/)
    expect(text).toMatch(/main +pinned +60 +\d+ +\d+ +\d+ +0 +0\n/)
    expect(text).toContain('by the lists of n1/hot')
  })

  test('says no with status 1', async () => {
    const { text, status } = await run(['--for', 'restart', 'host', 'n1', 'n2'])
    expect(status).toBe(1)
    expect(text).toMatch(/^No: while host n1, n2 are away, \d+ pins would have fewer than 1 copy\./)
    expect(text).toMatch(/\nFor example: b\w+ b\w+ b\w+/)
  })

  test('says that it is not known, and why, with status 3', async () => {
    const { text, status } = await run(['--for', 'restart', 'store', 'n1/cold'], (world) => {
      hostOf(world, 'n2').agent = 'down'
    })
    expect(status).toBe(3)
    expect(text).toContain('Copies that are not known count as none: n2/hot: the agent of n2 does not answer.')
  })

  test('as JSON, with all figures', async () => {
    const { text } = await run(['--for', 'loss', '--json', 'disk', 'n2/hot-tier/sda'])
    expect(JSON.parse(text)).toMatchObject({ verdict: 'ok', kind: 'disk', policy: { for: 'loss', keep: 'promise' } })
  })

  test('a name that is none is refused, with the nearest one', async () => {
    await expect(run(['--for', 'loss', 'store', 'n1/hto'])).rejects.toThrow('did you mean n1/hot?')
    await expect(run(['--for', 'loss', 'store', 'hot'])).rejects.toThrow('hot is the name of several: n1/hot')
  })
})
