import { createHash } from 'node:crypto'
import { describe } from 'vitest'

/**
 * What is not the core. The core, which always runs, on every guest that gates: the contract of the storage, the operations,
 * what the executor mounts, and the health of faults of guests.
 */
export const parts = [
  'health, as the command line shows it',
  'logs of the guests',
  'faults of peers',
  'a block beyond repair',
  'a raidz2 that lacks a disk and has errors',
  'a spare, an unmounted dataset, a clock that is ahead',
  'scrubs as health tells them',
  'a suspended pool',
  'the scrub of a pool',
  'the scrub through a window and a power cut',
  'contracts of Cluster and Kubo',
  'pinsets that have diverged',
  'a block that is lost',
  'the store',
] as const

export type Part = (typeof parts)[number]

/** The half of these names that a seed draws, in their order; of an odd number, the larger half. */
export function drawn<Name extends string>(names: readonly Name[], seed: string): Name[] {
  const lots = new Map(names.map((name) => [name, createHash('sha256').update(`${seed} ${name}`).digest('hex')]))
  const inOrder = names.toSorted((one, other) => ((lots.get(one) ?? '') < (lots.get(other) ?? '') ? -1 : 1))
  const first = new Set(inOrder.slice(0, Math.ceil(names.length / 2)))
  return names.filter((name) => first.has(name))
}

const seed = process.env['TIERCEL_PLATFORM_SEED'] ?? ''

/** The tests of such a part: all of them run, unless TIERCEL_PLATFORM_SEED is set, as `.ci/run` does, and draws the other half. */
export function half(part: Part, tests: () => void): void {
  const isLeftOut = seed !== '' && !drawn(parts, seed).includes(part)
  const why = isLeftOut ? ` (left out: seed ${seed} draws the other half)` : ''
  describe.skipIf(isLeftOut)(`${part}${why}`, () => {
    tests()
  })
}
