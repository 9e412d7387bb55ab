import * as fc from 'fast-check'
import { Trouble } from '../../src/domain/observation.ts'
import { Share } from '../../src/domain/units.ts'
import { peerIdOf } from './fleet-view.ts'
import { now } from './readings.ts'

/** Few names, so that the parts of a view meet each other; one with blanks, and one that every object knows. */
export const poolName = fc.constantFrom('hot-tier', 'cold tier', 'constructor')
export const storeName = fc.constantFrom('hot', 'cold')
export const peerId = fc.constantFrom(...[1, 2, 3].map((number) => peerIdOf(number)))
export const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 3 })
export const text = fc.constantFrom('', 'was /dev/sdb1', '(resilvering)', 'too many errors', 'line\nline', 'é\u0000')
export const counter = fc.oneof(fc.constantFrom(0, 1, 17), fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER))
export const bytes = fc.oneof(fc.constantFrom(0, 1), fc.maxSafeNat())
export const share = fc
  .oneof(fc.constantFrom(0, 0.8, 0.9, 1), fc.double({ min: 0, max: 1, noNaN: true }))
  .map((value) => Share.parse(value))
/** Mostly shortly before now; also long ago, and in the future. */
export const instant = fc.oneof(
  fc.integer({ min: now - 100_000, max: now }),
  fc.integer({ min: now - 1e11, max: now + 1e9 }),
)

export const trouble: fc.Arbitrary<Trouble> = fc
  .record({
    kind: fc.constantFrom(...Trouble.shape.kind.options),
    message: text,
    hint: optional(text),
    raw: optional(text),
    since: instant,
    at: instant,
  })
  .map((value) => Trouble.parse(withoutUndefined(value)))

/** A reading as it may come; the schema of an observation gives it its brands. */
export interface RawReading<T> {
  source: string
  every: number
  deadline: number
  last: { value: T; at: number; took: number } | null
  trouble: Trouble | null
}

export const reading = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<RawReading<T>> =>
  fc.record({
    source: fc.constantFrom('zpool list', 'GET /id'),
    every: fc.constantFrom(5000, 30_000),
    deadline: fc.constantFrom(2000, 20_000),
    last: fc.option(fc.record({ value, at: instant, took: fc.nat(1000) }), { freq: 4 }),
    trouble: fc.option(trouble, { nil: null, freq: 1 }),
  })

export const withoutUndefined = (value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined))
