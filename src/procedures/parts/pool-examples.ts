import type { Example } from '../../engine/procedure.ts'
import type { Json } from '../../domain/run.ts'
import type { World } from '../world.ts'
import type { PoolTarget } from './pool.ts'

type OfPool = Omit<Example<World>, 'input'> & { at: PoolTarget }

/** Pools to which nothing is done. */
const standing: readonly OfPool[] = [
  {
    name: 'suspended',
    about: 'A suspended pool: the command would hang for ever.',
    at: { host: 'n3', pool: 'hot-tier' },
    faults: ['pool-suspended'],
    preflight: { objects: 'it is SUSPENDED' },
  },
  {
    name: 'readonly',
    about: 'A pool that is imported read-only: the command would hang for ever.',
    at: { host: 'n2', pool: 'cold-tier' },
    faults: ['pool-readonly'],
    preflight: { objects: 'it is imported read-only' },
  },
  {
    name: 'resilvering',
    about: 'A disk is being resilvered: that comes first.',
    at: { host: 'n1', pool: 'warm-tier' },
    faults: ['disk-behind'],
    preflight: { objects: 'a resilver is running' },
  },
  {
    name: 'spare-in-use',
    about: 'A spare stands in for a disk (openzfs#17472).',
    at: { host: 'n2', pool: 'cold-tier' },
    faults: ['spare-in-use'],
    preflight: { objects: 'a spare stands in for a disk' },
  },
  {
    name: 'zpool-hangs',
    about: 'Every zpool on the host hangs: nothing can be seen, so nothing is begun.',
    at: { host: 'n2', pool: 'hot-tier' },
    faults: ['zpool-hangs'],
    refused: 'is not imported, or was not seen yet',
  },
  {
    name: 'executor-absent',
    about: 'Nobody with the rights of root answers on the host.',
    at: { host: 'n1', pool: 'hot-tier' },
    faults: ['executor-absent'],
    preflight: { objects: "nobody with root's rights answers on n1" },
  },
  {
    name: 'wrong-pool',
    about: 'A pool that does not exist is refused, with the name that was probably meant.',
    at: { host: 'n1', pool: 'hot-teir' },
    refused: 'there is no pool hot-teir on n1; did you mean hot-tier?',
  },
]

/** What every procedure over one pool refuses or objects to by `findPool`, `poolChecks` and `privilegesVerdict`. */
export const poolExamples = (inputOf: (at: PoolTarget) => Json): Example<World>[] =>
  standing.map(({ at, ...example }) => ({ ...example, input: inputOf(at) }))
