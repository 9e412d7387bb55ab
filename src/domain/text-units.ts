import { z } from 'zod'
import { Duration, Share } from './units.ts'

const durationUnits: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** A duration as people write it in files: `500ms`, `30s`, `15m`, `12h`, `35d`. Inside: milliseconds. */
export const DurationText = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'a duration is a number and one of ms, s, m, h, d: 30s, 15m, 35d')
  .transform((text) => {
    const unit = text.replace(/^[\d.]+/, '')
    return Duration.parse(Number.parseFloat(text) * (durationUnits[unit] ?? Number.NaN))
  })

/** A share as people write it in files: `80%`. Inside: 0 to 1. */
export const PercentText = z
  .string()
  .regex(/^\d{1,3}(\.\d+)?%$/, 'a share is written in percent: 80%')
  .refine((text) => Number.parseFloat(text) <= 100, 'a share is at most 100%')
  .transform((text) => Share.parse(Number.parseFloat(text) / 100))

/** `83 %`, `12.5 %`: for sentences. Rounded down, so that 89.9 % never reads as the 90 % it has not reached. */
export function percent(share: number): string {
  const tenths = Math.floor(share * 1000 + 1e-9) / 10
  return `${Number.isInteger(tenths) ? tenths.toFixed(0) : tenths.toFixed(1)} %`
}

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** `1.5 GiB`: for sentences, three digits. */
export function bytesText(count: number): string {
  let value = count
  let unit = 0
  while (value >= 1024 && unit < binary.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${binary[unit]}`
}

/** `45 s`, `3 min`, `2.5 h`, `41 days`: for sentences. */
export function durationText(duration: Duration): string {
  if (duration < 1000) return `${Math.round(duration)} ms`
  const inSeconds = duration / 1000
  if (inSeconds < 90) return `${Math.round(inSeconds)} s`
  if (inSeconds < 90 * 60) return `${Math.round(inSeconds / 60)} min`
  if (inSeconds < 36 * 3600) return `${trim(inSeconds / 3600)} h`
  return `${trim(inSeconds / 86_400)} days`
}

const trim = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, ''))
