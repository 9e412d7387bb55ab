import { CommandFailed, type Exec } from '../adapters/system/exec.ts'
import { identityArgs, scrubArgs, scrubDone, scrubMeaning } from '../adapters/zfs/scrub.ts'
import type { RootOutcome } from '../api/executor.ts'
import { explain, OpsError, type Remedy, Stuck } from '../domain/errors.ts'
import type { ScrubResult } from '../domain/operation-result.ts'
import type { RootOperation } from '../domain/policy.ts'
import { seconds } from '../domain/units.ts'

type End = RootOutcome['end']

/** States in which `zpool scrub` does not hang. On a suspended pool it does, on OpenZFS 2.2 and 2.3, for ever. */
const scrubbable: readonly string[] = ['ONLINE', 'DEGRADED']

/**
 * Looks whether the pool is the one that is meant and can be scrubbed, then runs the command: both in one go, so that hardly
 * anything can change in between. `state` is read from the kernel's statistics, which never block.
 */
export async function doScrub(
  operation: RootOperation,
  { exec, state }: { exec: Exec; state: (pool: string) => string | undefined },
): Promise<End> {
  const { pool, guid } = operation
  const word = state(pool)
  if (word === undefined) return failed('ask', `no pool ${pool} is imported here; nothing was run`)
  if (!scrubbable.includes(word)) return failed('ask', `${pool} is ${word}: a scrub could hang; nothing was run`)
  try {
    const objection = objectionTo(pool, guid, await exec('zpool', identityArgs(pool), { deadline: seconds(20) }))
    if (objection !== undefined) return failed('ask', `${objection}; nothing was run`)
  } catch (error) {
    if (!(error instanceof OpsError)) throw error
    return failed(
      error instanceof Stuck ? 'retry' : 'ask',
      `${pool} could not be looked at, so nothing was run: ${explain(error)}`,
    )
  }
  try {
    await exec('zpool', scrubArgs(operation), { deadline: seconds(60) })
    return operation.kind === 'scrub-pause' ? await pauseSeen(operation, exec) : succeeded(scrubDone[operation.kind])
  } catch (error) {
    if (error instanceof CommandFailed) return meaningOf(operation, error)
    if (error instanceof Stuck) {
      return failed('ask', `${explain(error)}. What hangs there can still take effect, when the pool answers again`)
    }
    if (error instanceof OpsError) return failed(error.remedy, explain(error))
    throw error
  }
}

/**
 * What became of a `zpool scrub -p` that exited with 0. From 2.2 on it does so as well where there is no scrub to pause
 * (`zpool_scan` of libzfs; seen on 2.3.2), so it is asked once more: over a paused scrub it then complains, and over none it
 * is silent again.
 */
async function pauseSeen(operation: RootOperation, exec: Exec): Promise<End> {
  try {
    await exec('zpool', scrubArgs(operation), { deadline: seconds(60) })
    return succeeded('was-none')
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    const meaning = scrubMeaning(operation, error.stderr)
    const isPaused = meaning !== undefined && 'outcome' in meaning && meaning.outcome === 'was-paused'
    return isPaused ? succeeded('paused') : meaningOf(operation, error)
  }
}

/** Why the pool that answers is not to be scrubbed, by `zpool get -o property,value`. */
function objectionTo(pool: string, guid: string, stdout: string): string | undefined {
  const values = new Map(
    stdout.split('\n').flatMap((line): [string, string][] => {
      const [property, value, ...more] = line.split('\t')
      return property === undefined || value === undefined || more.length > 0 ? [] : [[property, value]]
    }),
  )
  const [found, health, readonly] = [values.get('guid'), values.get('health'), values.get('readonly')]
  if (found === undefined || health === undefined || readonly === undefined) {
    return `zpool get says something of ${pool} that is not understood: ${stdout.slice(0, 500)}`
  }
  if (found !== guid) return `the pool ${pool} has the guid ${found}, and ${guid} is meant: it was made anew`
  if (!scrubbable.includes(health)) return `${pool} is ${health}: a scrub could hang`
  if (readonly !== 'off') return `${pool} is imported read-only: a scrub would hang (readonly=${readonly})`
  return undefined
}

function meaningOf(operation: RootOperation, error: CommandFailed): End {
  const meaning = scrubMeaning(operation, error.stderr)
  if (meaning === undefined)
    return failed('ask', `${explain(error)} (exit ${error.exitCode}; we do not know these words)`)
  return 'outcome' in meaning ? succeeded(meaning.outcome) : failed(meaning.remedy, `${meaning.says}: ${error.message}`)
}

const succeeded = (outcome: ScrubResult['outcome']): End => ({
  state: 'succeeded',
  result: { outcome } satisfies ScrubResult,
})
const failed = (remedy: Remedy, error: string): End => ({ state: 'failed', error, remedy })
