import type { Example } from '../../engine/procedure.ts'
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
    name: 'suspended',
    about: 'A suspended pool: the command would hang for ever.',
    input: { host: 'n3', pool: 'hot-tier' },
    faults: ['pool-suspended'],
    preflight: { objects: 'it is SUSPENDED' },
  },
  {
    name: 'readonly',
    about: 'A pool that is imported read-only: the command would hang for ever.',
    input: { host: 'n2', pool: 'cold-tier' },
    faults: ['pool-readonly'],
    preflight: { objects: 'it is imported read-only' },
  },
  {
    name: 'resilvering',
    about: 'A disk is being resilvered: a scrub waits for that.',
    input: { host: 'n1', pool: 'warm-tier' },
    faults: ['disk-behind'],
    preflight: { objects: 'a resilver is running' },
  },
  {
    name: 'spare-in-use',
    about: 'A spare stands in for a disk: a scrub can take the pool offline (openzfs#17472).',
    input: { host: 'n2', pool: 'cold-tier' },
    faults: ['spare-in-use'],
    preflight: { objects: 'a spare stands in for a disk' },
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
  {
    name: 'zpool-hangs',
    about: 'Every zpool on the host hangs: nothing can be seen, so nothing is begun.',
    input: { host: 'n2', pool: 'hot-tier' },
    faults: ['zpool-hangs'],
    refused: 'is not imported, or was not seen yet',
  },
  {
    name: 'executor-absent',
    about: 'Nobody with the rights of root answers on the host.',
    input: { host: 'n1', pool: 'hot-tier' },
    faults: ['executor-absent'],
    preflight: { objects: "nobody with root's rights answers on n1" },
  },
  {
    name: 'wrong-pool',
    about: 'A pool that does not exist is refused, with the name that was probably meant.',
    input: { host: 'n1', pool: 'hot-teir' },
    refused: 'there is no pool hot-teir on n1; did you mean hot-tier?',
  },
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
