import { z } from 'zod'
import { Duration } from './units.ts'

const counter = z.number().nonnegative()

/** The counters of one block device since boot (kernel, Documentation/admin-guide/iostats.rst). */
export const DeviceCounters = z.object({
  reads: counter,
  writes: counter,
  readBytes: counter,
  writtenBytes: counter,
  /** Milliseconds that all reads took together; the same for writes. */
  readMs: counter,
  writeMs: counter,
  /** Milliseconds in which anything was under way. */
  busyMs: counter,
})
export type DeviceCounters = z.infer<typeof DeviceCounters>

/** By the kernel's name of the device. */
export type IoSample = Readonly<Record<string, DeviceCounters>>

/** What a device did between two samples. */
export const DeviceActivity = z.object({
  readsPerSecond: counter,
  writesPerSecond: counter,
  readBytesPerSecond: counter,
  writtenBytesPerSecond: counter,
  /** How long one read took on average, with its wait in the kernel's queue; null when there was none. */
  readLatency: Duration.nullable(),
  writeLatency: Duration.nullable(),
  /** 0 to 1: the part of the time in which anything was under way. */
  busy: counter.max(1),
})
export type DeviceActivity = z.infer<typeof DeviceActivity>

export const Io = z.object({
  /** The newest two samples that lie at least a second apart. */
  recent: z.object({ apart: Duration, devices: z.record(z.string(), DeviceActivity) }),
  /** The same over some minutes: what a disk is judged by. null until a minute has been seen. */
  window: z.object({ apart: Duration, devices: z.record(z.string(), DeviceActivity) }).nullable(),
})
export type Io = z.infer<typeof Io>

/** Devices whose counters went back, or that are new, are left out: the device was taken away in between. */
export function activityBetween(before: IoSample, after: IoSample, apart: Duration): Record<string, DeviceActivity> {
  if (apart <= 0) return {}
  return Object.fromEntries(
    Object.entries(after).flatMap(([device, late]) => {
      const early = Object.hasOwn(before, device) ? before[device] : undefined
      const activity = early === undefined ? undefined : activityOf(early, late, apart)
      return activity === undefined ? [] : [[device, activity]]
    }),
  )
}

function activityOf(early: DeviceCounters, late: DeviceCounters, apart: Duration): DeviceActivity | undefined {
  const grown = (key: keyof DeviceCounters): number => late[key] - early[key]
  const [reads, writes] = [grown('reads'), grown('writes')]
  const [readMs, writeMs, busyMs] = [grown('readMs'), grown('writeMs'), grown('busyMs')]
  const [readBytes, writtenBytes] = [grown('readBytes'), grown('writtenBytes')]
  if (Math.min(reads, writes, readMs, writeMs, busyMs, readBytes, writtenBytes) < 0) return undefined
  const perSecond = (count: number): number => rounded((count * 1000) / apart)
  return {
    readsPerSecond: perSecond(reads),
    writesPerSecond: perSecond(writes),
    readBytesPerSecond: Math.round((readBytes * 1000) / apart),
    writtenBytesPerSecond: Math.round((writtenBytes * 1000) / apart),
    readLatency: reads === 0 ? null : Duration.parse(rounded(readMs / reads)),
    writeLatency: writes === 0 ? null : Duration.parse(rounded(writeMs / writes)),
    busy: Math.min(1, rounded(busyMs / apart)),
  }
}

/** Three places: an observation carries many of these numbers. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000

/** Several devices as one: sums, latencies weighted by their operations, and the busiest. */
export function together(activities: readonly DeviceActivity[]): DeviceActivity {
  const sum = (of: (one: DeviceActivity) => number): number => activities.reduce((total, one) => total + of(one), 0)
  const latency = (rate: (one: DeviceActivity) => number, of: (one: DeviceActivity) => number | null) => {
    const all = sum(rate)
    return all === 0 ? null : Duration.parse(rounded(sum((one) => rate(one) * (of(one) ?? 0)) / all))
  }
  return {
    readsPerSecond: rounded(sum((one) => one.readsPerSecond)),
    writesPerSecond: rounded(sum((one) => one.writesPerSecond)),
    readBytesPerSecond: sum((one) => one.readBytesPerSecond),
    writtenBytesPerSecond: sum((one) => one.writtenBytesPerSecond),
    readLatency: latency(
      (one) => one.readsPerSecond,
      (one) => one.readLatency,
    ),
    writeLatency: latency(
      (one) => one.writesPerSecond,
      (one) => one.writeLatency,
    ),
    busy: Math.max(0, ...activities.map(({ busy }) => busy)),
  }
}

/** The mean latency over reads and writes; null when there was no operation. */
export function meanLatency(one: DeviceActivity): Duration | null {
  const count = one.readsPerSecond + one.writesPerSecond
  if (count === 0) return null
  const total = one.readsPerSecond * (one.readLatency ?? 0) + one.writesPerSecond * (one.writeLatency ?? 0)
  return Duration.parse(rounded(total / count))
}
