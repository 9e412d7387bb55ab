import { z } from 'zod'
import { Bytes, Instant } from '../../domain/units.ts'
import { ctime, humanNumber } from './quantities.ts'
import { NotUnderstood } from './words.ts'

/**
 * A number of `zpool … -j`: a decimal string with `-p`, humanised without, a JSON number with `--json-int`. Kept as text:
 * guids exceed 2^53.
 */
export const NumberText = z.union([z.string(), z.number()]).transform(String)

/** Parses a JSON document; integers beyond 2^53 become strings, digit by digit, instead of being rounded. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined ? context.source : value,
  )
}

/** The entries of an object that holds objects by name; none where it is absent. */
export function entriesOf(value: unknown, what: string): [string, unknown][] {
  if (value === undefined) return []
  if (!isRecord(value)) throw new NotUnderstood(`${what} is no object`)
  return Object.entries(value)
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether an object holds vdevs by name, under whatever key of a later release: their states count. */
export const holdsVdevs = (value: unknown): boolean =>
  isRecord(value) && Object.values(value).some((entry) => isRecord(entry) && 'vdev_type' in entry)

/** A count; `undefined` where it is absent. Refuses what is no number. */
export function counted(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = humanNumber(text)
  if (value === undefined) throw new NotUnderstood(`${JSON.stringify(text.slice(0, 40))} is no count`)
  return value
}

/** The same as bytes; undefined also where it could not be exact to the byte. */
export function countedBytes(text: string | undefined): Bytes | undefined {
  const value = counted(text)
  return value !== undefined && Number.isSafeInteger(value) ? Bytes.parse(value) : undefined
}

/** Epoch seconds with `-p`, a date without; undefined for 0 (`not yet`), `-` and what names a zone other than UTC. */
export function moment(text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined
  return /^[1-9]\d{0,11}$/.test(text) ? Instant.parse(Number(text) * 1000) : ctime(text)
}

/** The fields of an object in one line, for what is kept but not understood. */
export const fieldsText = (value: Record<string, unknown>): string =>
  Object.entries(value)
    .map(([key, field]) => `${key} ${typeof field === 'string' ? field : JSON.stringify(field)}`)
    .join(', ')
