import type { Reading } from '../observation.ts'
import type { PinExceptionKind } from '../pins/pinset-summary.ts'
import { durationText } from '../text-units.ts'
import { age } from '../units.ts'
import type { StoreOnHost } from './stores-of-host.ts'

/** How many pins a finding names; the rest is counted. */
const maxExamples = 10

/** The pins of a store that have been other than the pinset says in two readings at least; undefined where there are none. */
export function exceptionsOf(
  { observed, declared, host }: StoreOnHost,
  kind: PinExceptionKind,
): { reading: Reading<unknown>; count: number; examples: Record<string, string> } | undefined {
  const reading = observed?.pinset
  const value = reading?.last?.value
  const found = value?.exceptions[kind]
  if (reading === undefined || reading === null || value === undefined || found === undefined || found.lasting === 0) {
    return undefined
  }
  // A peer with another identity is given nothing of what its Kubo holds: DECLARATION_MISMATCH tells that, and what to do.
  if (declared?.peer !== undefined && declared.peer !== value.peer) return undefined
  const examples = found.examples.slice(0, maxExamples).map(({ cid, name, since, reason }): [string, string] => {
    const called = name === '' ? '' : `${name}, `
    return [cid, `${called}for ${durationText(age(since, host.now))}${reason === '' ? '' : `: ${reason}`}`]
  })
  return { reading, count: found.lasting, examples: Object.fromEntries(examples) }
}
