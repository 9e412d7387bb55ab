import { z } from 'zod'
import { rootOperation } from './operation.ts'
import { poolTarget } from './pool-target.ts'
import { exampleTarget, onScrub, scrubMeanings } from './scrub-words.ts'

export const scrubStart = rootOperation({
  ...onScrub,
  kind: 'scrub-start',
  about:
    'Starts a scrub of the pool, or goes on with a paused one. When it has ended, ZFS lists the damaged files that it has found, and no others. With `errorsOnly`, only the blocks of the error list are read (OpenZFS 2.2 and later).',
  Words: { ...poolTarget, errorsOnly: z.boolean() },
  results: '`started`; `was-running` where one ran already (not for `errorsOnly`: that is another scrub)',
  example: { ...exampleTarget, errorsOnly: true },
  commands: ({ pool, errorsOnly }) => [{ file: 'zpool', args: ['scrub', ...(errorsOnly ? ['-e'] : []), pool] }],
  // A scrub of everything is not the scrub of the error list that was asked for.
  meanings: scrubMeanings({
    scrubbing: ({ errorsOnly }) => (errorsOnly ? undefined : 'was-running'),
    errorScrubbing: ({ errorsOnly }) => (errorsOnly ? 'was-running' : undefined),
  }),
  read: () => ({ result: { outcome: 'started' } }),
})
