import type { Fleet } from '../domain/fleet.ts'
import { type Health, judge } from '../domain/health/judge.ts'
import type { Contact, FleetView } from '../domain/health/view.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Json } from '../domain/run.ts'
import { age, type Duration, Instant, milliseconds, seconds } from '../domain/units.ts'
import { unlessAborted } from '../engine/wait.ts'
import type { HostsReader } from '../observe/fleet-reader.ts'
import { placementsOf } from '../observe/placement.ts'
import type { Collected } from './parts.ts'

/** More at once would only queue in the network and in `ssh`. */
const hostsAtOnce = 64

/** Of each period, so much is left to chance: a thousand agents are not asked at one moment, nor ever in step. */
const jitter = 0.2

/** For so long, a judgement of the same fleet is given again: whoever asks many times makes one. */
const judgedFor = seconds(1)

/** For so long after the start, whoever plans waits for hosts that were not asked yet. */
const firstRoundWithin = seconds(15)

export interface Collector extends Collected {
  start(): void
  /** The view once every host was asked, at most 15 s after the start: what was not asked yet is not called silent. */
  seen(signal: AbortSignal): Promise<FleetView>
  stop(): void
  /** Told whenever a host answers that did not, at its first answer too. */
  onBack(listener: (host: string) => void): void
}

/**
 * Looks at every host in the background, each at its own pace: a slow one makes only what is known of itself old. All
 * answers come from memory.
 */
export function createCollector(options: {
  fleet: Fleet
  source: Json
  hosts: HostsReader
  clock: Clock
  every: Duration
  /** 0 to 1. */
  chance?: () => number
}): Collector {
  const { fleet, source, hosts, clock, every, chance = Math.random } = options
  const contacts = new Map<string, Contact>()
  const startedAt = clock.now()
  const listeners = new Set<(host: string) => void>()
  const firstRound = Promise.withResolvers<void>()
  const waiting: (() => void)[] = []
  let free = hostsAtOnce
  let calledOff: (() => void)[] = []
  let isRunning = false
  let placements: FleetView['placements']
  let judged: { at: Instant; health: Health } | undefined

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free -= 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
  const later = (delay: number, work: () => Promise<void>): void => {
    if (!isRunning) return
    const callOff = clock.after(milliseconds(delay), () => {
      calledOff = calledOff.filter((each) => each !== callOff)
      void work().finally(() => later(every * (1 - jitter / 2 + jitter * chance()), work))
    })
    calledOff.push(callOff)
  }
  const askHost = async (name: string): Promise<void> => {
    const before = contacts.get(name)
    const contact = await inTurn(async () => hosts.contact(name))
    contacts.set(name, contact)
    if (contacts.size === fleet.hosts.length) firstRound.resolve()
    if (contact.state === 'answered' && before?.state !== 'answered') for (const listener of listeners) listener(name)
  }
  const askPlacements = async (): Promise<void> => {
    if (contacts.size < fleet.hosts.length) return
    placements = await placementsOf(view(), hosts, AbortSignal.timeout(every)).catch(() => placements)
  }
  const view = (): FleetView => ({
    at: clock.now(),
    fleet,
    hosts: fleet.hosts.map((declaration) => ({
      declaration,
      contact: contacts.get(declaration.name) ?? {
        state: 'unreachable',
        error: 'the controller has only just begun, and has no answer yet',
        at: startedAt,
      },
    })),
    ...(placements === undefined ? {} : { placements }),
  })

  return {
    source,
    view,
    async seen(signal) {
      await unlessAborted(firstRound.promise, signal)
      return view()
    },
    health() {
      const now = clock.now()
      if (judged === undefined || age(judged.at, now) > judgedFor) judged = { at: now, health: judge(view()) }
      return judged.health
    },
    oldest() {
      const times = [...contacts.values()].map((contact) =>
        contact.state === 'answered' ? contact.receivedAt : contact.at,
      )
      return contacts.size < fleet.hosts.length ? undefined : Instant.parse(Math.min(...times))
    },
    onBack: (listener) => void listeners.add(listener),
    start() {
      isRunning = true
      // The first time at once, and spread by how many may be asked together.
      for (const { name } of fleet.hosts) later(0, async () => askHost(name))
      later(every / 2, askPlacements)
      calledOff.push(clock.after(firstRoundWithin, firstRound.resolve))
    },
    stop() {
      isRunning = false
      for (const callOff of calledOff) callOff()
      firstRound.resolve()
    },
  }
}
