import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { days, seconds } from '../../domain/units.ts'
import { KeptHosts, keptHeaders, targetHeader } from './kept-hosts.ts'

const targetOf = (address: string, alone?: 'alone'): string =>
  String(keptHeaders({ address }, seconds(1), alone)[targetHeader])

const hosts = new KeptHosts()
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  hosts.close()
  vi.useRealTimers()
})

/** What those who ask about a host are told: by now, and from now on. */
function asker(target: string): { told: () => number; goAway: () => void } {
  let count = 0
  const goAway = hosts.whenSilent(target, () => {
    count += 1
  })
  return { told: () => count, goAway }
}

test('whoever waits behind a question is told once the host was silent and its asker has gone, also after a login meanwhile', () => {
  const target = targetOf('ssh://n1')
  const first = hosts.take(target)
  const behind = asker(target)
  const gone = asker(target)
  const elsewhere = asker(targetOf('ssh://n2'))
  const alone = asker(targetOf('ssh://n1', 'alone'))
  const itsAsker = new AbortController()
  first.heard(itsAsker.signal)
  vi.advanceTimersByTime(5000)
  expect(behind.told()).toBe(0)
  gone.goAway()
  itsAsker.abort()
  expect(behind.told()).toBe(1)
  expect([gone, elsewhere, alone].map(({ told }) => told())).toEqual([0, 0, 0])
  // And who comes after that, at once.
  expect(asker(target).told()).toBe(1)
  first.released()
  expect(asker(target).told()).toBe(0)
})

test('an asker that goes at once is no sign of silence', () => {
  const target = targetOf('ssh://n1')
  const first = hosts.take(target)
  first.heard(AbortSignal.abort())
  vi.advanceTimersByTime(499)
  const behind = asker(target)
  expect(behind.told()).toBe(0)
  vi.advanceTimersByTime(1)
  expect(behind.told()).toBe(1)
  first.released()
})

test('who answers is not silent, however long its answer takes', () => {
  const target = targetOf('ssh://n1')
  const itsAsker = new AbortController()
  const slow = hosts.take(target)
  const behind = asker(target)
  slow.heard(itsAsker.signal)
  vi.advanceTimersByTime(600)
  slow.answering()
  itsAsker.abort()
  vi.advanceTimersByTime(10_000)
  expect(behind.told()).toBe(0)
  slow.released()
})

test('a question that is given up behind another one does not take back that the host is silent', () => {
  const target = targetOf('ssh://n1')
  const first = hosts.take(target)
  first.heard(AbortSignal.abort())
  vi.advanceTimersByTime(500)
  hosts.take(target).released()
  expect(asker(target).told()).toBe(1)
  first.released()
  expect(asker(target).told()).toBe(0)
})

test('words that name no host are told nothing', async () => {
  expect(asker('not base64 of anything').told()).toBe(0)
  expect(await hosts.failure('not base64 of anything', new Error('broken'))).toMatchObject({
    error: { code: 'bad-request' },
  })
})

test('a connection is kept for longer than a timer of Node can wait, and then no more', () => {
  let isEmpty = false
  hosts.onceEmpty(() => {
    isEmpty = true
  })
  hosts.take(String(keptHeaders({ address: 'ssh://n1' }, days(30))[targetHeader])).released()
  vi.advanceTimersByTime(days(29))
  expect(isEmpty).toBe(false)
  vi.advanceTimersByTime(days(1))
  expect(isEmpty).toBe(true)
})
