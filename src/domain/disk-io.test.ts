import { expect, test } from 'vitest'
import { activityBetween, type DeviceCounters, meanLatency, together } from './disk-io.ts'
import { seconds } from './units.ts'

const none: DeviceCounters = { reads: 0, writes: 0, readBytes: 0, writtenBytes: 0, readMs: 0, writeMs: 0, busyMs: 0 }

test('counters become rates and latencies', () => {
  const after = { reads: 20, writes: 10, readBytes: 4096, writtenBytes: 2048, readMs: 40, writeMs: 100, busyMs: 500 }
  const { sda } = activityBetween({ sda: none }, { sda: after }, seconds(2))
  expect(sda).toEqual({
    readsPerSecond: 10,
    writesPerSecond: 5,
    readBytesPerSecond: 2048,
    writtenBytesPerSecond: 1024,
    readLatency: 2,
    writeLatency: 10,
    busy: 0.25,
  })
  expect(sda && meanLatency(sda)).toBeCloseTo(14 / 3, 2)
})

test('without operations there is no latency, and none is not 0', () => {
  const { sda } = activityBetween({ sda: none }, { sda: none }, seconds(1))
  expect(sda).toMatchObject({ readLatency: null, writeLatency: null })
  expect(sda && meanLatency(sda)).toBeNull()
})

test('a device that is new, gone, or counts anew is left out', () => {
  expect(activityBetween({ sda: { ...none, reads: 5 }, sdb: none }, { sda: none, sdc: none }, seconds(1))).toEqual({})
  expect(activityBetween({}, { constructor: none }, seconds(1))).toEqual({})
})

test('several devices add up; latency by their operations', () => {
  const one = activityBetween({ a: none }, { a: { ...none, reads: 10, readMs: 10 } }, seconds(1))['a']
  const two = activityBetween({ a: none }, { a: { ...none, reads: 30, readMs: 300 } }, seconds(1))['a']
  if (one === undefined || two === undefined) throw new Error('both are there')
  expect(together([one, two])).toMatchObject({ readsPerSecond: 40, readLatency: 7.75, writeLatency: null })
  expect(together([])).toMatchObject({ readsPerSecond: 0, readLatency: null, busy: 0 })
})
