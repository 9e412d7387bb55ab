import { expect, test } from 'vitest'
import { Stuck } from '../domain/errors.ts'
import type { Storage } from '../domain/ports/storage.ts'
import { seconds } from '../domain/units.ts'
import { manualClock } from '../observe/testing.ts'
import { freshLooks } from './fresh-looks.ts'

const refuse = () => Promise.reject(new Error('not asked here'))

/** A storage whose looks at pools end when the test says so. */
function slowStorage() {
  const begun: PromiseWithResolvers<never[]>[] = []
  const storage: Storage = {
    version: refuse,
    poolStatus: refuse,
    datasets: refuse,
    poolStates: async () => ({ 'hot-tier': 'ONLINE' }),
    arc: refuse,
    pools() {
      const look = Promise.withResolvers<never[]>()
      begun.push(look)
      return look.promise
    },
  }
  return { storage, begun }
}
const turn = () => manualClock().advance(0)

test('who asks while a look is under way gets the next one, shared with all who asked meanwhile', async () => {
  const { storage, begun } = slowStorage()
  const { pools } = freshLooks(storage, manualClock())
  const first = pools()
  await turn()
  const [second, third] = [pools(), pools()]
  await turn()
  expect(begun).toHaveLength(1)
  begun[0]?.resolve([])
  expect(await first).toEqual([])
  await turn()
  expect(begun).toHaveLength(2)
  begun[1]?.resolve([])
  expect(await Promise.all([second, third])).toEqual([[], []])
})

test('a look that fails is told to those who asked for it, and the next is begun', async () => {
  const { storage, begun } = slowStorage()
  const { pools } = freshLooks(storage, manualClock())
  const first = pools()
  await turn()
  begun[0]?.reject(new Error('zpool is tired'))
  await expect(first).rejects.toThrow('zpool is tired')
  const again = pools()
  await turn()
  begun[1]?.resolve([])
  expect(await again).toEqual([])
})

test('a look that hangs is given up in time, and none is begun beside it', async () => {
  const { storage, begun } = slowStorage()
  const clock = manualClock()
  const { pools, 'pool-states': states } = freshLooks(storage, clock, seconds(20))
  const first = pools().catch((error: unknown) => error)
  await clock.advance(seconds(20))
  expect(await first).toBeInstanceOf(Stuck)
  const second = pools().catch((error: unknown) => error)
  await clock.advance(seconds(20))
  expect(await second).toBeInstanceOf(Stuck)
  expect(begun).toHaveLength(1)
  // The kernel's statistics still tell.
  expect(await states()).toEqual({ 'hot-tier': 'ONLINE' })
  // It ends after all: from then on there are looks again.
  begun[0]?.resolve([])
  const third = pools()
  await turn()
  begun[1]?.resolve([])
  expect(await third).toEqual([])
})
