import { expect, test, vi } from 'vitest'
import { bench } from '../../test/builders/fleet-view.ts'
import { now } from '../../test/builders/readings.ts'
import type { Contact } from '../domain/health/view.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { Instant, seconds } from '../domain/units.ts'
import type { HostsReader } from '../observe/fleet-reader.ts'
import { noPinIndex } from '../adapters/agent/no-pin-index.ts'
import { createCollector } from './collector.ts'

function clockByHand(): Clock & { pass(milliseconds: number): Promise<void> } {
  let time: number = now
  const timers = new Set<{ due: number; run: () => void }>()
  return {
    now: () => Instant.parse(time),
    after(delay, run) {
      const timer = { due: time + delay, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async pass(milliseconds) {
      const end = time + milliseconds
      for (;;) {
        const [next] = [...timers].filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due)
        if (next === undefined) break
        timers.delete(next)
        time = Math.max(time, next.due)
        next.run()
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
      }
      time = end
    },
  }
}

function collect(contact: (host: string) => Promise<Contact>) {
  const { fleet } = bench()
  const clock = clockByHand()
  const asked: string[] = []
  const hosts: HostsReader = {
    contact: async (host) => {
      asked.push(host)
      return contact(host)
    },
    pins: (host) => noPinIndex(host),
    placement: () => Promise.reject(new Error('not asked')),
    close: async () => undefined,
  }
  const collector = createCollector({ fleet, source: {}, hosts, clock, every: seconds(10), chance: () => 0.5 })
  return { collector, clock, asked, names: fleet.hosts.map(({ name }) => name) }
}

const answer = async (host: string): Promise<Contact> => {
  const found = bench().view.hosts.find(({ declaration }) => declaration.name === host)?.contact
  if (found === undefined) throw new Error(host)
  return found
}

test('every host is asked at once, and again at its period', async () => {
  const { collector, clock, asked, names } = collect(answer)
  expect(collector.health().findings.map(({ code }) => code)).toContain('AGENT_UNREACHABLE')
  expect(collector.oldest()).toBeUndefined()
  collector.start()
  await clock.pass(1)
  expect(asked).toEqual(names)
  expect(collector.oldest()).toBe(now)
  await clock.pass(10_000)
  expect(asked).toEqual([...names, ...names])
  collector.stop()
  await clock.pass(60_000)
  expect(asked.length).toBe(2 * names.length)
})

test('a host that never answers blocks no other', async () => {
  const silent = new Promise<Contact>(() => undefined)
  const { collector, clock, asked, names } = collect((host) => (host === names0 ? silent : answer(host)))
  const [names0, other] = names
  collector.start()
  await clock.pass(30_001)
  expect(asked.filter((host) => host === names0)).toHaveLength(1)
  expect(asked.filter((host) => host === other)).toHaveLength(4)
  const states = collector.view().hosts.map(({ contact }) => contact.state)
  expect(states.slice(0, 2)).toEqual(['unreachable', 'answered'])
})

test('a host that is back is told, and one that stays is not', async () => {
  let isAway = false
  const { collector, clock } = collect(async (host) =>
    isAway && host === 'n1' ? { state: 'unreachable', error: 'x', at: now } : answer(host),
  )
  const back: string[] = []
  collector.onBack((host) => void back.push(host))
  collector.start()
  await clock.pass(1)
  expect(back).toContain('n1')
  back.length = 0
  await clock.pass(10_000)
  expect(back).toEqual([])
  isAway = true
  await clock.pass(10_000)
  isAway = false
  await clock.pass(10_000)
  expect(back).toEqual(['n1'])
})

test('whoever plans right after the start waits until every host was asked', async () => {
  const held = Promise.withResolvers<void>()
  const { collector, clock } = collect(async (host) => {
    if (host === 'n2') await held.promise
    return answer(host)
  })
  const seen = vi.fn<(hosts: number) => void>()
  collector.start()
  const done = collector
    .seen(new AbortController().signal)
    .then((view) => seen(view.hosts.filter(({ contact }) => contact.state === 'answered').length))
  await clock.pass(seconds(14))
  expect(seen).not.toHaveBeenCalled()
  held.resolve()
  await done
  expect(seen).toHaveBeenCalledWith(collector.view().hosts.length)
  collector.stop()
})

test('a host that is silent at the start keeps nobody for more than 15 s', async () => {
  const { collector, clock } = collect(async (host) => (host === 'n2' ? new Promise<Contact>(() => {}) : answer(host)))
  collector.start()
  const seen = collector.seen(new AbortController().signal)
  await clock.pass(seconds(15))
  expect((await seen).hosts.find(({ declaration }) => declaration.name === 'n2')?.contact.state).toBe('unreachable')
  collector.stop()
})

test('whoever asks often with one signal leaves nothing on it', async () => {
  const { collector, clock } = collect(async (host) => answer(host))
  collector.start()
  await clock.pass(seconds(15))
  const { signal } = new AbortController()
  const added = vi.spyOn(signal, 'addEventListener')
  const removed = vi.spyOn(signal, 'removeEventListener')
  for (let count = 0; count < 3; count += 1) await collector.seen(signal)
  await Promise.resolve()
  expect(removed.mock.calls.length).toBe(added.mock.calls.length)
  collector.stop()
})

test('whoever has given up already does not wait', async () => {
  const { collector } = collect(async (host) => answer(host))
  await expect(collector.seen(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
})
