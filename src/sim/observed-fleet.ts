import { Unreachable } from '../domain/errors.ts'
import type { Contact, FleetView } from '../domain/health/view.ts'
import { ProbeTiming } from '../domain/probe.ts'
import { Duration, Instant, milliseconds, minutes, seconds } from '../domain/units.ts'
import type { FleetReader, HostsReader } from '../observe/fleet-reader.ts'
import { createObserver, type Observer } from '../observe/observer.ts'
import { placementDesks, type PlacementSources, placementsOf } from '../observe/placement.ts'
import { type SimClock, simClock } from './clock.ts'
import { faultNamed, applyFault } from './faults/index.ts'
import { hostOf, NotInWorld } from './lookup.ts'
import { simHost } from './ports.ts'
import { simFleet } from './sim-fleet.ts'
import type { World } from './world.ts'

/** A simulated world with an observer on each of its hosts, as agents would be, in the world's time. */
export interface ObservedFleet extends FleetReader, HostsReader {
  /** The world's time. */
  clock: SimClock
  /** Lets the world's time pass; every probe looks when it is due. */
  pass(elapsed: Duration): Promise<void>
  /** Applies faults and waits, in the world's time, until all they do shows. */
  breakWith(faults: readonly string[]): Promise<void>
}

/** Every probe has looked at least once after this long. */
const firstLook = seconds(70)

/** Longer than the slowest probe takes to see a change, or to be called stuck. */
const nextLook = minutes(4)

const step = seconds(1)

/** The world's time that `breakWith` lets pass. */
const untilShown = (names: readonly string[]): Duration =>
  Duration.parse(nextLook + Math.max(0, ...names.map((name) => faultNamed(name).settlesAfter)))

/** When a world must begin so that it has come to `now` after it was observed and broken. */
export const beginFor = (names: readonly string[], now: number): number => now - firstLook - untilShown(names)

/** Observes a world, and lets it run until everything has been seen once. */
export async function observeWorld(world: World, tiercelVersion: string): Promise<ObservedFleet> {
  const clock = simClock(world)
  const timing = ProbeTiming.parse({})
  const ports = new Map(world.hosts.map(({ name }) => [name, simHost(world, name)]))
  const agents = [...ports].map(([name, host]) => ({
    name,
    desks: placementDesks(host, clock),
    observer: createObserver({
      host,
      timing,
      clock: { ...clock, now: () => Instant.parse(clock.now() + hostOf(world, name).machine.clockOffset) },
      tiercelVersion,
    }),
    stop: undefined as (() => void) | undefined, // "as": the type of what comes later
  }))

  /** An agent that is stale has stopped looking, and still answers. */
  const follow = () => {
    for (const agent of agents) {
      const shouldRun = hostOf(world, agent.name).agent !== 'stale'
      if (shouldRun && agent.stop === undefined) {
        agent.stop = agent.observer.start()
      } else if (!shouldRun) {
        agent.stop?.()
        agent.stop = undefined
      }
    }
  }

  const pass = async (elapsed: Duration) => {
    for (let left: number = elapsed; left > 0; left -= step) {
      follow()
      clock.advance(milliseconds(Math.min(step, left)))
      await settled()
    }
  }

  const pinSources: PlacementSources = {
    pins(host, store) {
      const found = ports.get(host)?.stores.find(({ declaration }) => declaration.name === store)?.pinIndex
      if (found === undefined) throw new NotInWorld(`no store ${host}/${store}`)
      return found
    },
    async placement({ host, store }, question, signal) {
      const desk = agents.find(({ name }) => name === host)?.desks.get(store)
      if (desk === undefined || hostOf(world, host).agent === 'down') {
        throw new Unreachable(`nobody answers at ${host}`)
      }
      return desk(question, signal)
    },
  }

  await pass(firstLook)
  return {
    ...pinSources,
    clock,
    pass,
    async breakWith(names) {
      for (const name of names) applyFault(world, name)
      await pass(untilShown(names))
    },
    contact: (host) => Promise.resolve(contactOf(world, clock.now(), agents, host)),
    look: async () => {
      const seen = view(world, clock.now(), agents)
      return { ...seen, placements: await placementsOf(seen, pinSources) }
    },
    close: () => {
      for (const { stop } of agents) stop?.()
      return Promise.resolve()
    },
  }
}

type Agents = readonly { name: string; observer: Observer }[]

function view(world: World, at: FleetView['at'], agents: Agents): FleetView {
  const fleet = simFleet(world)
  const hosts = fleet.hosts.map((declaration) => ({
    declaration,
    contact: contactOf(world, at, agents, declaration.name),
  }))
  return { at, fleet, hosts }
}

function contactOf(world: World, at: FleetView['at'], agents: Agents, name: string): Contact {
  const agent = agents.find((candidate) => candidate.name === name)
  if (agent === undefined || hostOf(world, name).agent === 'down') {
    return { state: 'unreachable', error: `nobody answers at ${name}`, at }
  }
  return { state: 'answered', observation: agent.observer.observation(), receivedAt: at, took: milliseconds(1) }
}

/** Lets everything that has been promised happen. */
const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })
