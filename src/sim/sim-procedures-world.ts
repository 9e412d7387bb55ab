import { setImmediate as turn } from 'node:timers/promises'
import type { Contact } from '../domain/health/view.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import { ProbeTiming } from '../domain/probe.ts'
import { type Duration, Instant, milliseconds } from '../domain/units.ts'
import { hostLooks } from '../observe/host-looks.ts'
import { createObserver, type Observer } from '../observe/observer.ts'
import { UnknownHost } from '../procedures/errors.ts'
import type { World as ProcedureWorld, WorldHost } from '../procedures/world.ts'
import type { SimClock } from './clock.ts'
import { hostNow, hostOf } from './lookup.ts'
import { simHosts } from './ports.ts'
import { simChanges } from './sim-changes.ts'
import { simPinSources } from './sim-pin-sources.ts'
import { contactWith, reachAgent, simView } from './sim-fleet.ts'
import type { World } from './world.ts'

/** What procedures see of a simulated world, in this process. `clock` is the world's time. */
export function simProcedureWorld(world: World, clock: Pick<Clock, 'after'>): ProcedureWorld {
  const ports = simHosts(world)
  const hosts = new Map<string, WorldHost>()
  const portsOf = (name: string): HostPorts => {
    const found = ports.get(name)
    if (found === undefined) throw new UnknownHost(name, [...ports.keys()])
    return found
  }
  return {
    view: async (signal) => {
      signal.throwIfAborted()
      return simView(world, (name) => contactOf(world, portsOf(name)))
    },
    host(name) {
      const kept = hosts.get(name) ?? worldHost(world, portsOf(name), clock)
      hosts.set(name, kept)
      return kept
    },
    ...simPinSources(world, ports, { now: () => Instant.parse(Math.floor(world.now)) }),
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
  for (let round = 0; round < rounds && !isEnough(); round += 1) await turn()
}

/** What an agent of this host would answer: by the same code, with the world's time. */
function worldHost(world: World, ports: HostPorts, clock: Pick<Clock, 'after'>): WorldHost {
  const { name } = ports
  const host = hostOf(world, name)
  const agentClock: Clock = { after: clock.after, now: () => hostNow(world, host) }
  const look = hostLooks(ports, {
    clock: agentClock,
    observer: observerOf(ports, agentClock),
    marks: async () => structuredClone(host.changing.marks),
  })
  return {
    name,
    look: async (...asked) => {
      reachAgent(world, name)
      return look(...asked)
    },
    changes: simChanges(world, name, clock),
  }
}

const observerOf = (host: HostPorts, clock: Clock): Observer =>
  createObserver({ host, timing: ProbeTiming.parse({}), clock, tiercelVersion: 'simulated' })

/** What an agent would tell that has looked just now. No time passes, whatever hangs. */
async function contactOf(world: World, ports: HostPorts): Promise<Contact> {
  const host = hostOf(world, ports.name)
  const clock = impatientClock(() => hostNow(world, host))
  const observer = observerOf(ports, clock)
  if (host.agent !== 'down') await clock.until(observer.once())
  return contactWith(world, ports.name, observer)
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
