import { afterEach, expect, test } from 'vitest'
import { seconds } from '../../domain/units.ts'
import { KeptHosts, keptHeaders, targetHeader } from './kept-hosts.ts'

const targetOf = (address: string, alone?: 'alone'): string =>
  String(keptHeaders({ address }, seconds(1), alone)[targetHeader])

const hosts = new KeptHosts()
afterEach(() => {
  hosts.close()
})

/** What those who ask about a host are told: by now, and from now on. */
function asker(target: string): { told: () => number; goAway: () => void } {
  let count = 0
  const goAway = hosts.whenHeard(target, () => {
    count += 1
  })
  return { told: () => count, goAway }
}

test('whoever waits behind a question is told once the host has heard it, also when it was being logged in to meanwhile', () => {
  const target = targetOf('ssh://n1')
  const first = hosts.take(target)
  const behind = asker(target)
  const gone = asker(target)
  const elsewhere = asker(targetOf('ssh://n2'))
  expect(behind.told()).toBe(0)
  gone.goAway()
  first.heard()
  expect(behind.told()).toBe(1)
  expect(gone.told()).toBe(0)
  expect(elsewhere.told()).toBe(0)
  // And who comes after that, at once.
  expect(asker(target).told()).toBe(1)
  first.released()
})

test('a question that is given up behind another one does not take back that the host has heard that one', () => {
  const target = targetOf('ssh://n1')
  const first = hosts.take(target)
  first.heard()
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
