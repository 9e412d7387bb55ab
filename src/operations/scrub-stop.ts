import { rootOperation } from './operation.ts'
import { poolTarget } from './pool-target.ts'
import { exampleTarget, onScrub, scrubMeanings } from './scrub-words.ts'

export const scrubStop = rootOperation({
  ...onScrub,
  kind: 'scrub-stop',
  about:
    'Ends the scrub for good, running or paused. What it had verified counts for nothing, and ZFS empties its list of damaged files, although nobody has read them again: the agent remembers them (POOL_DATA_ERRORS) until a scrub of the whole pool has ended. A resilver is not ended by it.',
  Words: poolTarget,
  results: '`stopped`; `was-none`',
  example: exampleTarget,
  commands: ({ pool }) => [{ file: 'zpool', args: ['scrub', '-s', pool] }],
  meanings: scrubMeanings({ none: () => 'was-none' }),
  read: () => ({ result: { outcome: 'stopped' } }),
})
