import type { Example } from '../../engine/procedure.ts'
import type { World } from '../world.ts'

export const holdExamples: readonly Example<World>[] = [
  { name: 'store', about: 'All snapshots of one store.', input: { host: 'n2', store: 'cold' } },
  {
    name: 'daily',
    about: 'Those of every day, by their names.',
    input: { host: 'n1', store: 'hot', matching: 'daily-*' },
  },
  {
    name: 'no-snapshot',
    about: 'A pattern that nothing fits is refused.',
    input: { host: 'n1', store: 'hot', matching: 'weekly-*' },
    refused: 'has no snapshot that fits weekly-*',
  },
  {
    name: 'wrong-store',
    about: 'A store that does not exist is refused, with the name that was probably meant.',
    input: { host: 'n1', store: 'hto' },
    refused: 'there is no store n1/hto; did you mean n1/hot?',
  },
  {
    name: 'agent-down',
    about: 'The agent does not answer: what there is to hold is not known.',
    input: { host: 'n2', store: 'hot' },
    faults: ['agent-down'],
    refused: 'nobody answers at n2',
  },
]
