import { z } from 'zod'
import {
  heldExample,
  heldWords,
  holdMeanings,
  namesOf,
  notRead,
  onHolds,
  readHolds,
  tagOf,
  withTag,
} from './dataset-hold.ts'
import { rootOperation } from './operation.ts'

export const datasetRelease = rootOperation({
  ...onHolds,
  kind: 'dataset-release',
  about:
    'Takes the tags of holds that Tiercel has made from snapshots of a dataset (`zfs release`); tags of others stay.',
  Words: {
    ...heldWords,
    heldBy: z
      .array(z.string().regex(/^[0-9A-Za-z-]{1,64}$/))
      .min(1)
      .max(20)
      .describe('The operations that have held them'),
  },
  Result: z.object({ released: z.int() }),
  results: '`released`: how many snapshots were looked at, none of which carries the tags any more',
  example: { ...heldExample, heldBy: ['OPERATION'] },
  commands: (words) => words.heldBy.map((id) => ({ file: 'zfs', args: ['release', tagOf(id), ...namesOf(words)] })),
  meanings: holdMeanings(/: no such tag on this dataset$/m),
  reads: readHolds,
  read: (words, [ended]) => {
    const held = withTag(
      ended,
      words.heldBy.map((id) => tagOf(id)),
    )
    if (held === undefined) return notRead(ended)
    return held.size === 0
      ? { result: { released: words.snapshots.length } }
      : { remedy: 'ask', says: `still held: ${[...held].join(', ')}` }
  },
})
