import { expect, test } from 'vitest'
import type { IoSample } from '../domain/disk-io.ts'
import { ioActivity } from './io-pair.ts'
import { manualClock } from './testing.ts'

/** A disk with a hundred reads a second, of 2 ms each. */
function looking() {
  const clock = manualClock()
  const begin = clock.now()
  const take = async (): Promise<IoSample> => {
    const reads = (clock.now() - begin) / 10
    const rest = { writes: 0, readBytes: 0, writtenBytes: 0, writeMs: 0, busyMs: 0 }
    return { sda: { reads, readMs: reads * 2, ...rest } }
  }
  return { clock, look: ioActivity(take, clock) }
}

test('one look says nothing, nor do two that lie too close', async () => {
  const { clock, look } = looking()
  expect(await look()).toBeUndefined()
  await clock.advance(500)
  expect(await look()).toBeUndefined()
  await clock.advance(500)
  expect(await look()).toMatchObject({
    recent: { apart: 1000, devices: { sda: { readsPerSecond: 100 } } },
    window: null,
  })
})

test('a window grows to ten minutes, and no further', async () => {
  const { clock, look } = looking()
  for (let index = 0; index < 12 * 30; index += 1) {
    await look()
    await clock.advance(5000)
  }
  const io = await look()
  expect(io?.recent.apart).toBe(5000)
  expect(io?.window?.apart).toBeGreaterThan(9 * 60_000)
  expect(io?.window?.apart).toBeLessThanOrEqual(10 * 60_000)
  expect(io?.window?.devices['sda']).toMatchObject({ readsPerSecond: 100, readLatency: 2 })
})
