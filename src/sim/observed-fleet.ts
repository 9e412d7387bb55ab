import { setImmediate as turn } from 'node:timers/promises'
import { ProbeTiming } from '../domain/probe.ts'
import { Duration, milliseconds, minutes, seconds } from '../domain/units.ts'
import type { FleetReader, HostsReader } from '../observe/fleet-reader.ts'
import { createObserver } from '../observe/observer.ts'
import { placementsOf } from '../observe/placement.ts'
import { type SimClock, simClock } from './clock.ts'
import { faultNamed, applyFault } from './faults/index.ts'
import { hostNow, hostOf } from './lookup.ts'
import { simHosts } from './ports.ts'
import { contactWith, simView } from './sim-fleet.ts'
import { simPinSources } from './sim-pin-sources.ts'
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
  const ports = simHosts(world)
  const agents = [...ports].map(([name, host]) => ({
    name,
    observer: createObserver({
      host,
      timing,
      clock: { ...clock, now: () => hostNow(world, hostOf(world, name)) },
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
      // Everything that has been promised happens.
      await turn()
    }
  }

  const pinSources = simPinSources(world, ports, clock)

  const contact = async (host: string) => contactWith(world, host, agents.find(({ name }) => name === host)?.observer)

  await pass(firstLook)
  return {
    ...pinSources,
    clock,
    pass,
    async breakWith(names) {
      for (const name of names) applyFault(world, name)
      await pass(untilShown(names))
    },
    contact,
    look: async () => {
      const seen = await simView(world, contact)
      return { ...seen, placements: await placementsOf(seen, pinSources) }
    },
    close: () => {
      for (const { stop } of agents) stop?.()
      return Promise.resolve()
    },
  }
}
