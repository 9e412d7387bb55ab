import type { RootOperation } from '../../domain/policy.ts'
import type { ScrubResult } from '../../domain/operation-result.ts'
import type { Remedy } from '../../domain/errors.ts'

/** The command of each operation, built from its words. */
export function scrubArgs(operation: RootOperation): string[] {
  const { kind, pool } = operation
  switch (kind) {
    case 'scrub-start':
      return ['scrub', ...(operation.errorsOnly ? ['-e'] : []), pool]
    case 'scrub-pause':
      return ['scrub', '-p', pool]
    case 'scrub-stop':
      return ['scrub', '-s', pool]
    default:
      return kind satisfies never
  }
}

/** Asked right before, so that a pool that was made anew under the same name is not meant. */
export const identityArgs = (pool: string): string[] => [
  'get',
  '-H',
  '-p',
  '-o',
  'property,value',
  'guid,health,readonly',
  pool,
]

/** What `zpool scrub` gives where it exits with 0, and says nothing; of -p only if it then says that it is paused. */
export const scrubDone: Record<RootOperation['kind'], ScrubResult['outcome']> = {
  'scrub-start': 'started',
  'scrub-pause': 'paused',
  'scrub-stop': 'stopped',
}

type Meaning = { outcome: ScrubResult['outcome'] } | { remedy: Remedy; says: string }

/** What `zpool scrub` says where it exits with something else, and what that means for what was wanted. */
const sayings: { seen: string; pattern: RegExp; meaning: (operation: RootOperation) => Meaning | undefined }[] = [
  {
    seen: '2.1.11, 2.3.2, 2.3.9: B.scrubtwice',
    pattern: /: currently scrubbing; use 'zpool scrub -s' to cancel/,
    // A scrub of everything is not the scrub of the error list that was asked for.
    meaning: (operation) =>
      operation.kind === 'scrub-start' && !operation.errorsOnly ? { outcome: 'was-running' } : undefined,
  },
  {
    seen: '2.1.11, 2.3.2, 2.3.9: B.pause-twice; of -e: libzfs of 2.2 to 2.4 (EZFS_ERRORSCRUB_PAUSED)',
    pattern: /: (?:error )?scrub is paused; use 'zpool scrub(?: -e)?' to resume/,
    meaning: ({ kind }) => (kind === 'scrub-pause' ? { outcome: 'was-paused' } : undefined),
  },
  {
    seen: '2.1.11, 2.3.2, 2.3.9: B.scrubcancel-none; of -p: 2.1.11 (2.3.2 is silent and exits with 0)',
    pattern: /: there is no active scrub$/m,
    meaning: ({ kind }) => (kind === 'scrub-start' ? undefined : { outcome: 'was-none' }),
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

/** The meaning of what was said on stderr; undefined for words that we do not know. */
export function scrubMeaning(operation: RootOperation, stderr: string): Meaning | undefined {
  for (const { pattern, meaning } of sayings) {
    const found = pattern.test(stderr) ? meaning(operation) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
