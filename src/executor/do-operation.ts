import { CommandFailed, type Exec } from '../adapters/system/exec.ts'
import type { RootOutcome } from '../api/executor.ts'
import { explain, OpsError, Stuck } from '../domain/errors.ts'
import type { Operation } from '../domain/operation.ts'
import type { Json } from '../domain/run.ts'
import { type Duration, seconds } from '../domain/units.ts'
import type { Command, Ended, Outcome, RootOperation, Run } from '../operations/operation.ts'

type End = RootOutcome['end']

/**
 * Looks whether things are as the operation wants them, then runs its commands: in one go, so that hardly anything can change in
 * between. `state` of a pool is read from the kernel's statistics, which never block. `signal` calls off what lasts.
 */
export async function doOperation(
  one: RootOperation,
  operation: Operation,
  host: { id: string; exec: Exec; state: (pool: string) => string | undefined; signal?: AbortSignal | undefined },
): Promise<End> {
  const objection = await objectionOf(one, operation, host)
  if (objection !== undefined) return objection
  try {
    return endOf(await commandsDone(one, operation, host))
  } catch (error) {
    if (error instanceof Stuck && host.signal?.aborted === true)
      return failed('stop', `it was called off: ${explain(error)}`)
    if (error instanceof Stuck) {
      return failed('ask', `${explain(error)}. What hangs there can still take effect, when it gets on`)
    }
    if (error instanceof OpsError) return failed(error.remedy, explain(error))
    throw error
  }
}

type Host = Parameters<typeof doOperation>[2]

/** Why it is not to be done; undefined where nothing speaks against it. */
async function objectionOf({ guard }: RootOperation, operation: Operation, host: Host): Promise<End | undefined> {
  for (const pool of guard.pools?.(operation) ?? []) {
    const objection = guard.objectionTo?.(pool, host.state(pool))
    if (objection !== undefined) return failed('ask', `${objection}; nothing was run`)
  }
  const run = runner(host.exec, seconds(20))
  const printed: string[] = []
  try {
    for (const look of guard.looks(operation)) printed.push(succeeded(look, await run(look)))
  } catch (error) {
    if (!(error instanceof OpsError)) throw error
    return failed(
      error instanceof Stuck ? 'retry' : 'ask',
      `it could not be looked at first, so nothing was run: ${explain(error)}`,
    )
  }
  const objection = guard.objection(operation, printed)
  return objection === undefined ? undefined : failed('ask', `${objection}; nothing was run`)
}

async function commandsDone(one: RootOperation, operation: Operation, host: Host): Promise<Outcome<Json>> {
  const run = runner(host.exec, one.deadline, one.lasts === undefined ? undefined : host.signal)
  for (const command of one.commands(operation, host.id)) {
    const ended = await run(command)
    const meaning = ended.exitCode === 0 ? 'so' : meaningOf(one, operation, command, ended)
    if (meaning !== 'so') return meaning
  }
  const ended: Ended[] = []
  for (const command of one.reads?.(operation, host.id) ?? []) ended.push(await run(command))
  return one.read(operation, ended, host.id)
}

function meaningOf(one: RootOperation, operation: Operation, command: Command, ended: Ended): 'so' | Outcome<Json> {
  const failure = failureOf(command, ended)
  for (const { pattern, meaning } of one.meanings) {
    const found = pattern.test(ended.stderr) ? meaning(operation) : undefined
    if (found === undefined) continue
    return found === 'so' || 'result' in found ? found : { ...found, says: `${found.says}: ${failure.message}` }
  }
  return { remedy: 'ask', says: `${explain(failure)} (exit ${ended.exitCode}; we do not know these words)` }
}

/** Runs a program, whatever it exits with. */
export function runner(exec: Exec, deadline: Duration, signal?: AbortSignal): Run {
  return async ({ file, args }) => {
    try {
      return { exitCode: 0, stdout: await exec(file, args, { deadline, signal }), stderr: '' }
    } catch (error) {
      if (error instanceof CommandFailed) return error
      throw error
    }
  }
}

const failureOf = ({ file, args }: Command, ended: Ended): CommandFailed =>
  new CommandFailed({ file, args, ...ended }, `exited ${ended.exitCode}`)

function succeeded(command: Command, ended: Ended): string {
  if (ended.exitCode === 0) return ended.stdout
  throw failureOf(command, ended)
}

const endOf = (outcome: Outcome<Json>): End =>
  'result' in outcome ? { state: 'succeeded', result: outcome.result } : failed(outcome.remedy, outcome.says)

const failed = (remedy: 'retry' | 'ask' | 'stop', error: string): End => ({ state: 'failed', error, remedy })
