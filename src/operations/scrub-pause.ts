import { rootOperation } from './operation.ts'
import { poolTarget } from './pool-target.ts'
import { exampleTarget, onScrub, scrubMeanings } from './scrub-words.ts'

const pause = (pool: string) => ({ file: 'zpool', args: ['scrub', '-p', pool] }) as const

export const scrubPause = rootOperation({
  ...onScrub,
  kind: 'scrub-pause',
  about:
    'Pauses the running scrub. Its place is kept, over a restart of the host too. It is run twice: OpenZFS 2.2 and later exit with 0 also where there is nothing to pause, and complain only over a scrub that is paused.',
  Words: poolTarget,
  results: '`paused`; `was-paused`; `was-none` where there was no scrub: it may have ended just before',
  example: exampleTarget,
  commands: ({ pool }) => [pause(pool)],
  meanings: scrubMeanings({ paused: () => 'was-paused', none: () => 'was-none' }),
  /**
   * From 2.2 on, -p exits with 0 as well where there is no scrub to pause (`zpool_scan` of libzfs; seen on 2.3.2), so it is
   * asked once more: over a paused scrub it then complains, and over none it is silent again.
   */
  reads: ({ pool }) => [pause(pool)],
  read: (_, [again]) => {
    const said = again?.stderr ?? ''
    if (again?.exitCode === 0 || /: there is no active scrub$/m.test(said)) return { result: { outcome: 'was-none' } }
    if (/: (?:error )?scrub is paused; /.test(said)) return { result: { outcome: 'paused' } }
    return { remedy: 'ask', says: `whether the scrub is paused was answered with unknown words: ${said.trim()}` }
  },
})
