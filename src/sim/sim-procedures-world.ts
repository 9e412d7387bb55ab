import { Unreachable } from '../domain/errors.ts'
import type { Contact, FleetView } from '../domain/health/view.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import { ProbeTiming } from '../domain/probe.ts'
import { type Duration, Instant, milliseconds } from '../domain/units.ts'
import { hostLooks } from '../observe/host-looks.ts'
import { createObserver } from '../observe/observer.ts'
import { UnknownHost } from '../procedures/errors.ts'
import type { World as ProcedureWorld, WorldHost } from '../procedures/world.ts'
import type { SimClock } from './clock.ts'
import { hostOf, NotInWorld } from './lookup.ts'
import { pinsetNamed, pinsOf } from './pinset.ts'
import { simHost } from './ports.ts'
import { simChanges } from './sim-changes.ts'
import { simFleet } from './sim-fleet.ts'
import type { World } from './world.ts'

/** What procedures see of a simulated world, in this process. `clock` is the world's time. */
export function simProcedureWorld(world: World, clock: Pick<Clock, 'after'>): ProcedureWorld {
  // Kept: their pin indexes are made once, and grow old as those of an agent do.
  const ports = new Map(world.hosts.map(({ name }) => [name, simHost(world, name)]))
  const hosts = new Map<string, WorldHost>()
  const portsOf = (name: string): HostPorts => {
    const found = ports.get(name)
    if (found === undefined) throw new UnknownHost(name, [...ports.keys()])
    return found
  }
  return {
    view: async (signal) => {
      signal.throwIfAborted()
      return viewOf(world, [...ports.values()])
    },
    host(name) {
      const kept = hosts.get(name) ?? worldHost(world, portsOf(name), clock)
      hosts.set(name, kept)
      return kept
    },
    pins: (host, store) => {
      const found = portsOf(host).stores.find(({ declaration }) => declaration.name === store)?.pinIndex
      if (found === undefined) throw new NotInWorld(`no store ${host}/${store}`)
      return found
    },
    sharedPins: async (one, other) => sharedPins(world, one, other),
  }
}

/**
 * Lets the world's time pass, from one thing that is due to the next, until the promise is settled: no real time is spent on
 * waiting. `settle` lets everything happen that waits for no time; where a store of another thread is in it, that takes longer.
 */
export async function passUntil<T>(clock: SimClock, promise: Promise<T>, settle = () => turns()): Promise<T> {
  let isSettled = false
  const ended = promise.finally(() => {
    isSettled = true
  })
  ended.catch(() => undefined)
  for (;;) {
    await settle()
    if (isSettled) return ended
    const next = clock.nextAt()
    if (next !== undefined) clock.advance(milliseconds(Math.max(0, next - clock.now())))
  }
}

/** Long lists of pins rest now and then: a look at them is not given up before. */
const unhurried = 50

/** Some rounds of everything that has been promised. */
async function turns(rounds = 3, isEnough = () => false): Promise<void> {
  for (let round = 0; round < rounds && !isEnough(); round += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
}

/** What an agent of this host would answer: by the same code, with the world's time. */
function worldHost(world: World, ports: HostPorts, clock: Pick<Clock, 'after'>): WorldHost {
  const { name } = ports
  const agentClock: Clock = { after: clock.after, now: () => hostNow(world, name) }
  const look = hostLooks(ports, {
    clock: agentClock,
    observer: createObserver({
      host: ports,
      timing: ProbeTiming.parse({}),
      clock: agentClock,
      tiercelVersion: 'simulated',
    }),
    marks: async () => hostOf(world, name).changing.marks.map(({ mark, operation }) => ({ mark, operation })),
  })
  return {
    name,
    look: async (...asked) => {
      if (hostOf(world, name).agent === 'down') throw new Unreachable(`nobody answers at ${name}`)
      return look(...asked)
    },
    changes: simChanges(world, name, clock),
  }
}

const hostNow = (world: World, name: string): Instant =>
  Instant.parse(Math.floor(world.now) + hostOf(world, name).machine.clockOffset)

/** The fleet as agents would tell it that have looked just now. No time passes, whatever hangs. */
async function viewOf(world: World, hosts: readonly HostPorts[]): Promise<FleetView> {
  const at = Instant.parse(Math.floor(world.now))
  const fleet = simFleet(world)
  const contacts = new Map(
    await Promise.all(hosts.map(async (host) => [host.name, await contactOf(world, host, at)] as const)),
  )
  return {
    at,
    fleet,
    hosts: fleet.hosts.flatMap((declaration) => {
      const contact = contacts.get(declaration.name)
      return contact === undefined ? [] : [{ declaration, contact }]
    }),
  }
}

async function contactOf(world: World, host: HostPorts, at: Instant): Promise<Contact> {
  const { agent, machine } = hostOf(world, host.name)
  if (agent === 'down') return { state: 'unreachable', error: `nobody answers at ${host.name}`, at }
  const clock = impatientClock(() => Instant.parse(at + machine.clockOffset))
  const observer = createObserver({ host, timing: ProbeTiming.parse({}), clock, tiercelVersion: 'simulated' })
  await clock.until(observer.once())
  return { state: 'answered', observation: observer.observation(), receivedAt: at, took: milliseconds(1) }
}

/** A clock on which it is always the same moment, and everything that is waited for comes at once: deadlines too. */
function impatientClock(now: () => Instant): Clock & { until(promise: Promise<void>): Promise<void> } {
  const timers = new Set<{ delay: Duration; run: () => void }>()
  return {
    now,
    after(delay, run) {
      const timer = { delay, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async until(promise) {
      let isOver = false
      void promise.finally(() => {
        isOver = true
      })
      for (;;) {
        await turns(unhurried, () => isOver)
        if (isOver) return
        // What is due first is what hangs.
        const [next] = [...timers].toSorted((a, b) => a.delay - b.delay)
        if (next === undefined) continue
        timers.delete(next)
        next.run()
      }
    },
  }
}

/** Pins that both stores (`n1/hot`) are to hold; undefined where one of them is not there. */
function sharedPins(world: World, one: string, other: string): number | undefined {
  const [first, second] = [one, other].map((name) =>
    world.hosts
      .flatMap((host) => host.stores.map((store) => ({ name: `${host.name}/${store.name}`, store })))
      .find((candidate) => candidate.name === name),
  )
  if (first === undefined || second === undefined) return undefined
  if (first.store.cluster !== second.store.cluster) return 0
  let shared = 0
  for (const { holders } of pinsOf(pinsetNamed(world, first.store.cluster))) {
    const peers = holders.map(({ peer }) => peer)
    if (peers.includes(first.store.peer.declaredId) && peers.includes(second.store.peer.declaredId)) shared += 1
  }
  return shared
}
