import type { Example } from '../../engine/procedure.ts'
import type { World } from '../world.ts'

export const practiceExamples: readonly Example<World>[] = [
  { name: 'harmless', about: 'Two marks, one after the other.', input: { host: 'n1', seconds: 20 } },
  {
    name: 'asks',
    about: 'It asks a person between the marks: `tiercel runs answer` goes on.',
    input: { host: 'n2', seconds: 5, ask: true },
    ends: 'asking',
  },
  {
    name: 'fails',
    about: 'The second mark fails half-way: `tiercel runs undo` takes the first one away.',
    input: { host: 'n3', seconds: 5, fail: true },
    ends: 'failed',
  },
  {
    name: 'agent-down',
    about: 'The agent does not answer: nothing is started.',
    input: { host: 'n2' },
    faults: ['agent-down'],
    preflight: { objects: 'nobody answers at n2' },
  },
  {
    name: 'wrong-host',
    about: 'A host that does not exist is refused, with the name that was probably meant.',
    input: { host: 'n11' },
    refused: 'there is no host n11; did you mean n1?',
  },
]
