import { z } from 'zod'
import { seconds } from '../domain/units.ts'
import type { Meaning } from './operation.ts'
import { poolScopes, poolSubjects, type poolTarget, scrubbablePool } from './pool-target.ts'

/**
 * What an operation on a scrub has come to. What was so already is a success: what was wanted holds, and `outcome` tells
 * that it was not us.
 */
export const ScrubResult = z.object({
  outcome: z.enum([
    'started', // begun, or gone on with: zpool says the same of both
    'was-running',
    'paused',
    'was-paused',
    'stopped',
    'was-none', // there was no scrub to pause or to stop: it may have come to its end just before
  ]),
})
type ScrubResult = z.infer<typeof ScrubResult>
type Outcome = ScrubResult['outcome']

/** What the three operations on a scrub have in common. */
export const onScrub = {
  Result: ScrubResult,
  scopes: poolScopes,
  subjects: poolSubjects,
  guard: scrubbablePool,
  deadline: seconds(60),
} as const

export const exampleTarget: z.input<z.ZodObject<typeof poolTarget>> = { pool: 'POOL', guid: '1' }

/** What each of them is told, as far as the words of zpool depend on it. */
interface Told {
  pool: string
  errorsOnly?: boolean
}

/**
 * What `zpool scrub` says where it does not do what it was told. `so` names the outcome for which the words say that what was
 * wanted is so; the same words to another command are not known.
 */
export function scrubMeanings(
  so: Partial<Record<'scrubbing' | 'errorScrubbing' | 'paused' | 'none', (words: Told) => Outcome | undefined>>,
): Meaning<Told, ScrubResult>[] {
  const meaning = (said: keyof typeof so) => (words: Told) => {
    const outcome = so[said]?.(words)
    return outcome === undefined ? undefined : { result: { outcome } }
  }
  return [
    {
      seen: '2.1.11, 2.3.2, 2.3.9: B.scrubtwice',
      pattern: /: currently scrubbing; use 'zpool scrub -s' to cancel/,
      meaning: meaning('scrubbing'),
    },
    {
      seen: '2.4.4: scrub while an error scrub runs',
      pattern: /: currently error scrubbing; use 'zpool scrub -s' to cancel error scrub/,
      // The same in other words for what it may not be, which ends by itself.
      meaning: (words) =>
        meaning('errorScrubbing')(words) ?? { remedy: 'retry', says: 'the list of errors of the pool is being read' },
    },
    {
      seen: '2.1.11, 2.3.2, 2.3.9: B.pause-twice; of -e: libzfs of 2.2 to 2.4 (EZFS_ERRORSCRUB_PAUSED)',
      pattern: /: (?:error )?scrub is paused; use 'zpool scrub(?: -e)?' to resume/,
      meaning: meaning('paused'),
    },
    {
      seen: '2.1.11, 2.3.2, 2.3.9: B.scrubcancel-none; of -p: 2.1.11 (2.3.2 is silent and exits with 0)',
      pattern: /: there is no active scrub$/m,
      meaning: meaning('none'),
    },
    {
      seen: 'test/platform/operations.test.ts; sequentially: libzfs of 2.1 to 2.4 (EZFS_REBUILDING). Either ends by itself',
      pattern: /: currently (?:sequentially )?resilvering/,
      meaning: () => ({ remedy: 'retry', says: 'the pool is resilvering' }),
    },
    {
      seen: '2.1.11: B.errscrub',
      pattern: /^invalid option 'e'/m,
      meaning: () => ({ remedy: 'stop', says: 'this OpenZFS cannot scrub the error list alone: that needs 2.2' }),
    },
    {
      seen: '2.1.11: K.scrub, L.ro-scrub',
      pattern: /: pool (?:I\/O is currently suspended|is read-only)$/m,
      meaning: () => ({ remedy: 'ask', says: 'the pool does not take it' }),
    },
  ]
}
