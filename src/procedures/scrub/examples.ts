import type { Example } from '../../engine/procedure.ts'
import { poolExamples } from '../parts/pool-examples.ts'
import type { World } from '../world.ts'

/** Where the scrub of one pool is tried. */
export const scrubPoolExamples: readonly Example<World>[] = [
  {
    name: 'healthy',
    about: 'A healthy pool: it is read to its end, and all of it is whole.',
    input: { host: 'n2', pool: 'hot-tier' },
  },
  {
    name: 'degraded',
    about: 'One disk of a raidz2 has failed. What can be read is verified: that is when it matters.',
    input: { host: 'n2', pool: 'cold-tier' },
    faults: ['pool-degraded'],
  },
  {
    name: 'damage',
    about:
      'Blocks that nobody has read since have no good copy any more: the run succeeds, and names file, block and pins.',
    input: { host: 'n2', pool: 'warm-tier' },
    faults: ['damage-unread'],
  },
  {
    name: 'errors-only',
    about: 'Only the blocks in the list of errors are read again.',
    input: { host: 'n2', pool: 'warm-tier', errorsOnly: true },
  },
  {
    name: 'errors-only-too-old',
    about: 'OpenZFS 2.1 cannot read just the list of errors.',
    input: { host: 'n1', pool: 'warm-tier', errorsOnly: true },
    faults: ['data-errors'],
    preflight: { objects: '--errors-only needs 2.2 or later' },
  },
  {
    name: 'paused-by-somebody',
    about: 'Somebody has paused a scrub of it: it is theirs to go on with or to end.',
    input: { host: 'n3', pool: 'cold-tier' },
    faults: ['scrub-paused'],
    preflight: { objects: 'somebody has paused a scrub of it' },
  },
  {
    name: 'foreign-scheduler',
    about: 'Something else scrubs there by the clock.',
    input: { host: 'n3', pool: 'hot-tier' },
    faults: ['foreign-scrubber'],
    preflight: { objects: 'scrubs there too' },
  },
  ...poolExamples((at) => ({ ...at })),
]

/** Where scrubs over the fleet are tried. */
export const scrubExamples: readonly Example<World>[] = [
  { name: 'two-hosts', about: 'Pools of two hosts and two tiers.', input: { pools: ['n2/hot-tier', 'n3/warm-tier'] } },
  {
    name: 'one-host',
    about: 'Two pools of one host: one after the other.',
    input: { pools: ['n2/hot-tier', 'n2/warm-tier'] },
  },
  {
    name: 'tier',
    about: 'Every pool of a tier, one after the other: a tenth of three is one.',
    input: { tier: 'hot' },
  },
  { name: 'due', about: 'What was not scrubbed for four weeks.', input: { due: true }, faults: ['scrub-overdue'] },
  {
    name: 'tier-without-one',
    about: 'A pool that cannot be scrubbed now is left out, and the plan says so.',
    input: { tier: 'hot' },
    faults: ['pool-suspended'],
  },
  {
    name: 'suspended',
    about: 'A pool that was asked for by name cannot be scrubbed: nothing is begun.',
    input: { pools: ['n2/hot-tier', 'n3/hot-tier'] },
    faults: ['pool-suspended'],
    preflight: { objects: 'it is SUSPENDED' },
  },
  {
    name: 'wrong-name',
    about: 'A pool that does not exist is refused, with the name that was probably meant.',
    input: { pools: ['n2/hot-teir'] },
    refused: 'there is no pool n2/hot-teir; did you mean n2/hot-tier?',
  },
  {
    name: 'wrong-tier',
    about: 'A tier that does not exist is refused.',
    input: { tier: 'worm' },
    refused: 'there is no tier worm; did you mean warm?',
  },
  {
    name: 'nothing-due',
    about: 'Nothing is due: there is nothing to plan.',
    input: { due: true },
    refused: 'no pool is due',
  },
]
