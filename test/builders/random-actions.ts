import { isActive, isOver, type LockRequest, type RunClass, type RunRecord } from '../../src/domain/run.ts'
import { excludes } from '../../src/domain/subject.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import type { RunStore } from '../../src/domain/ports/run-store.ts'
import { NotNow, PreflightObjects } from '../../src/engine/errors.ts'
import type { Gate } from '../../src/engine/options.ts'
import type { Procedure } from '../../src/engine/procedure.ts'
import { memoryRunStore, type Stored } from './memory-run-store.ts'
import { Dice, RandomWorld, randomStep } from './random-world.ts'
import { type ToyBench, toyBench, toyParent, toyProcedure, type ToyWorld } from './toy.ts'

const pools = ['pool:n1/a', 'pool:n1/b', 'pool:n2/a', 'pool:n2/b'] as const

const tier: LockRequest = { key: 'background:tier:hot', capacity: 2 }
const alone = (...keys: string[]): LockRequest[] => keys.map((key) => ({ key, capacity: 1 }))

/** Procedures of every class, alone and over many, that want the same few things. */
function procedures(
  world: () => RandomWorld,
  dice: Dice,
): { all: Procedure<ToyWorld>[]; locks: Map<string, string[]> } {
  const all: Procedure<ToyWorld>[] = []
  const locks = new Map<string, string[]>()
  const add = (
    name: string,
    keys: LockRequest[],
    runClass: RunClass,
    options: Partial<Parameters<typeof randomStep>[2]> = {},
  ) => {
    const takes = dice.within(minutes(1), minutes(40))
    const steps = [
      randomStep(world, `${name}-1`, { takes, ...options }),
      randomStep(world, `${name}-2`, { takes: minutes(2), pauses: true }),
    ]
    locks.set(
      name,
      keys.map(({ key }) => key),
    )
    all.push(toyProcedure(name, steps, { class: runClass, locks: keys }))
  }
  for (const [index, key] of pools.entries()) {
    add(`scrub-${index}`, [...alone(key), tier], 'background', { pauses: index !== 3 })
    add(`change-${index}`, alone(key), 'change', { pauses: index === 1, asks: index === 2 })
  }
  add('host', alone('host:n1'), 'change')
  add('many', alone(...pools.slice(0, 3)), 'change', { noWayBack: true })
  add('slow', alone(pools[3]), 'change', { deadline: minutes(5) })
  add('urgent', alone(pools[0]), 'emergency')
  const keys = (prefix: string) => pools.map((_, index) => ({ key: `${index}`, procedure: `${prefix}-${index}` }))
  all.push(
    toyParent('all-scrubs', keys('scrub'), { atOnce: 4, stopAfter: 2, class: 'background' }),
    toyParent('all-changes', [...keys('change'), { key: 'many', procedure: 'many' }], {
      atOnce: 2,
      stopAfter: 2,
      before: [randomStep(world, 'before', { takes: minutes(1) })],
      after: [randomStep(world, 'after', { takes: minutes(1), pauses: true })],
      gate: {
        title: 'all is well',
        within: minutes(5),
        look: async () => [
          { title: 'n1', verdict: dice.next() < 0.7 ? 'holds' : 'unknown', says: 'it is being looked at' },
        ],
      },
    }),
  )
  return { all, locks }
}

/** What can be broken on purpose: then something has to be found. */
export interface Sabotage {
  store?: (store: RunStore) => RunStore
}

/** A hundred or so things that people, networks and machines do, one after the other, and everything that was wrong then. */
export async function randomActions(seed: number, count: number, sabotage: Sabotage = {}): Promise<string[]> {
  const dice = new Dice(seed)
  const faults: string[] = []
  const gate: { now: Gate } = { now: { open: true } }
  let world: RandomWorld | undefined
  const there = (): RandomWorld => {
    if (world === undefined) throw new TypeError('the world is made below')
    return world
  }
  const { all, locks } = procedures(there, dice)
  const begin = (before?: ToyBench): ToyBench =>
    toyBench(all, {
      ...(before === undefined ? {} : { before }),
      gate: async (run) => (run.class === 'background' ? gate.now : { open: true }),
      store: (disk) => (sabotage.store ?? ((store) => store))(memoryRunStore(disk)),
    })
  let bench = begin()
  world = new RandomWorld(dice, bench.clock)
  const { clock, stored } = bench
  let before = { at: clock.now(), versions: versionsOf(stored) }

  const look = (what: string): void => {
    const wrong = [...bench.problems.map(String), ...wrongIn(stored, there(), locks)]
    // However much goes wrong, a run says so at its own pace.
    const allowed = 30 + (2 * (clock.now() - before.at)) / minutes(1)
    for (const { id, procedure, version } of stored.runs.values()) {
      const added = version - (before.versions.get(id) ?? 0)
      if (added > allowed) wrong.push(`${procedure} has had ${added} events in ${(clock.now() - before.at) / 1000} s`)
    }
    if (wrong.length > 0) faults.push(...wrong.map((one) => `${what}: ${one}`))
  }
  const tried = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await clock.pass(work())
    } catch (error) {
      if (!(error instanceof NotNow || error instanceof PreflightObjects))
        faults.push(`said to a person: ${String(error)}`)
    }
  }
  const restart = async (): Promise<void> => {
    await clock.pass(bench.engine.close())
    faults.push(...bench.problems.map(String))
    bench = begin(bench)
    await clock.pass(bench.engine.recover())
  }

  for (let turn = 0; turn < count && faults.length === 0; turn += 1) {
    const action = await act(dice, { bench, world: there(), gate, tried, restart, all })
    await bench.sleep(dice.next() < 0.2 ? seconds(1) : dice.within(seconds(1), minutes(20)))
    look(`seed ${seed}, action ${turn} (${action})`)
    forget(stored)
    before = { at: clock.now(), versions: versionsOf(stored) }
  }
  there().trouble = 0
  there().isCut = false
  gate.now = { open: true }
  if (faults.length === 0) faults.push(...(await comesToRest(bench, tried)).map((one) => `seed ${seed}: ${one}`))
  await clock.pass(bench.engine.close())
  return faults
}

async function act(
  dice: Dice,
  of: {
    bench: ToyBench
    world: RandomWorld
    gate: { now: Gate }
    tried: (work: () => Promise<unknown>) => Promise<void>
    restart: () => Promise<void>
    all: readonly Procedure<ToyWorld>[]
  },
): Promise<string> {
  const { bench, world, gate, tried, restart, all } = of
  const { engine, stored } = bench
  const runs = [...stored.runs.values()]
  const chance = dice.next()
  if (chance < 0.3 || runs.length === 0) {
    const { name } = dice.of(all)
    const approvalNeeded = dice.next() < 0.1
    const { signal } = new AbortController()
    await tried(async () => {
      const run = await engine.start({ procedure: name, input: {}, requestedBy: 'olga', approvalNeeded }, signal)
      if (approvalNeeded && dice.next() < 0.5) await engine.approve(run.id, run.planHash, 'pete', signal)
    })
    return `start ${name}`
  }
  const run = dice.of(runs)
  const isAsking = runs.filter(({ state }) => state === 'asking')
  if (chance < 0.5 && isAsking.length > 0) {
    const asking = dice.of(isAsking)
    await tried(async () => {
      const { question } = await engine.detail(asking.id)
      const choices = question?.choices ?? []
      if (choices.length > 0)
        await engine.answer(asking.id, dice.of(choices.filter((one) => one !== 'leave-at-work')), 'olga')
    })
    return `answer ${asking.procedure}`
  }
  if (chance < 0.8) {
    const verb = dice.of(['cancel', 'cancel', 'resume', 'resume', 'undo', 'leave'] as const)
    const two = dice.next() < 0.3 ? dice.of(['cancel', 'undo', 'resume', 'leave'] as const) : undefined
    // Two people at once, now and then.
    await Promise.all([
      tried(async () => engine[verb](run.id, 'olga')),
      ...(two === undefined ? [] : [tried(async () => engine[two](run.id, 'pete'))]),
    ])
    return `${verb} ${two ?? ''} ${run.procedure}`
  }
  if (chance < 0.86) {
    await restart()
    return 'restart'
  }
  if (chance < 0.9) {
    world.die()
    return 'an agent dies'
  }
  if (chance < 0.95) {
    world.isCut = !world.isCut
    return 'the network'
  }
  gate.now = gate.now.open ? { open: false, reason: 'outside of its window', until: null } : { open: true }
  if (dice.next() < 0.5) engine.nudge()
  return 'the window'
}

/** Without any trouble left, everything comes to an end: by itself, or by a person's word; and no lock is left then. */
async function comesToRest(bench: ToyBench, tried: (work: () => Promise<unknown>) => Promise<void>): Promise<string[]> {
  const { engine, stored, sleep, problems } = bench
  const runs = () => [...stored.runs.values()]
  for (let round = 0; round < 80; round += 1) {
    await sleep(minutes(30))
    const open = runs().filter(({ state, parent }) => parent === null && !isOver(state))
    // A part that was resumed by itself works on, whatever became of the whole.
    if (open.length === 0 && !runs().some(({ state }) => isActive(state) || state === 'asking')) break
    for (const { id } of runs().filter(({ state }) => state === 'asking')) {
      await tried(async () => {
        const choices = (await engine.detail(id)).question?.choices ?? []
        const choice = (['run', 'look-again', 'skip', 'leave'] as const).find((one) => choices.includes(one))
        const last = round > 3 ? (choices.includes('leave') ? 'leave' : choice) : choice
        if (last !== undefined) await engine.answer(id, last, 'olga')
      })
    }
    for (const { id, state } of open)
      if (!isActive(state) && state !== 'asking') await tried(async () => engine.leave(id, 'olga'))
  }
  const left = runs().filter(({ state }) => isActive(state) || state === 'asking')
  return [
    ...problems.map(String),
    ...left.map(({ procedure, state, reason }) => `${procedure} has come to no end: it is ${state} (${reason})`),
    ...stored.locks.map(
      ({ key, run }) => `the lock ${key} is left, of run ${run} (${stored.runs.get(run)?.state ?? '?'})`,
    ),
  ]
}

const isFree = ({ state }: RunRecord) => isOver(state) || ['planned', 'paused', 'stopped', 'failed'].includes(state)

/** What must not be at any moment. */
function wrongIn(stored: Stored, world: RandomWorld, locks: ReadonlyMap<string, string[]>): string[] {
  const wrong: string[] = []
  const held = stored.locks.filter(({ class: its }) => its !== 'emergency')
  for (const { key, run, capacity } of held) {
    const record = stored.runs.get(run)
    if (record === undefined || isFree(record)) wrong.push(`${key} is held by a run that is ${record?.state ?? 'gone'}`)
    const same = held.filter((lock) => lock.key === key)
    if (same.length > capacity) wrong.push(`${key} is held ${same.length} times`)
    const within = held.filter((lock) => lock.run !== run && lock.key !== key && excludes(lock.key, key))
    if (within.length > 0) wrong.push(`${key} and ${within[0]?.key ?? ''} are held at once`)
  }
  const working = world.working().flatMap(({ run, thing, from }) => {
    const record = stored.runs.get(run)
    const keys = locks.get(record?.procedure ?? '') ?? []
    return record?.class === 'emergency' ? [] : keys.map((key) => ({ key, run, thing, from }))
  })
  for (const { key, run, thing } of working) {
    const record = stored.runs.get(run)
    if (record !== undefined && isFree(record)) wrong.push(`${thing} is worked on, and its run is ${record.state}`)
    for (const other of working) {
      if (other.run !== run && key !== tier.key && excludes(key, other.key)) {
        wrong.push(`${thing} and ${other.thing} are worked on at once`)
      }
    }
  }
  return wrong
}

const versionsOf = ({ runs }: Stored) => new Map([...runs.values()].map(({ id, version }) => [id, version]))

/** What is over is not needed any more: copies of a store in memory are slow. */
function forget(stored: Stored): void {
  if (stored.runs.size < 40) return
  for (const { id, parent, state } of stored.runs.values()) {
    const family = [...stored.runs.values()].filter((run) => run.id === (parent ?? id) || run.parent === (parent ?? id))
    const isGone =
      isOver(state) && family.every((run) => isOver(run.state) || (run.state === 'planned' && run.parent !== null))
    if (!isGone || family.some((run) => run.parent === null && !isOver(run.state))) continue
    for (const run of family) {
      stored.runs.delete(run.id)
      stored.events.delete(run.id)
      stored.transcripts.delete(run.id)
    }
  }
}
