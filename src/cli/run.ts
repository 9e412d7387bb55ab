import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import type { ControllerClient } from '../adapters/controller/client.ts'
import { OpsError, Unreachable } from '../domain/errors.ts'
import { makeId } from '../domain/make-id.ts'
import type { Json, RunRecord, RunState } from '../domain/run.ts'
import { openQuestions } from './ask.ts'
import { withController } from './find-controller.ts'
import { followRun, nowOfMachine } from './follow-run.ts'
import { addProcedureCommands, type ProcedureOptions, type Runbook } from './procedure-commands.ts'
import { planStatus, renderPlan } from './render-plan.ts'
import { nextLines, renderRun, runStatus } from './render-run.ts'
import { printableJson, type Terminal } from './terminal.ts'

/** The operator did not say yes. */
export class NotConfirmed extends OpsError {
  readonly remedy = 'ask'
}

interface RunOptions extends ProcedureOptions {
  yes?: true
  detach?: true
}

/** `tiercel run PROCEDURE …`: shows the plan, asks, starts it, and follows. */
export function runCommand(terminal: Terminal, runbook: Runbook): Command {
  const command = new Command('run')
    .description('Show what a procedure would do, ask, do it, and follow')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
The controller does it: Ctrl-C only ends the following, and the run goes on. It needs a controller: tiercel controller run.

Exit status: 0 succeeded (or begun, with --detach), 1 not started, failed, stopped or undone, 2 bad input, 3 it asks a person,
or what must hold could not be seen.

Examples:
  tiercel run practice --host n1
  tiercel run practice --host n1 --yes --detach
  tiercel runs watch RUN`,
    )
  return addProcedureCommands(
    command,
    runbook,
    (child) =>
      child
        .option('--yes', 'start it without asking')
        .option('--detach', 'start it, and do not follow')
        .option('--json', 'as JSON: the run when it rests; with --detach, as it is begun'),
    async ({ name }, input, options) =>
      withController(options, async (client) => run(client, name, input, options, terminal)),
  )
}

async function run(
  client: ControllerClient,
  procedure: string,
  input: Json,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const planned = await client.ask('plan', { body: { procedure, input } })
  if (options.json !== true) for (const line of renderPlan(planned, terminal)) terminal.write(line)
  const status = planStatus(planned.preflight)
  if (status !== 0) {
    if (options.json === true) terminal.write(printableJson(JSON.stringify(planned, undefined, 2)))
    return status
  }
  if (options.yes !== true) await confirm('Start this? [y/N] ', 'nothing was started')
  const started = await start(client, { procedure, input, planHash: planned.planHash })
  if (options.json !== true) terminal.write(`\nRun ${started.id}`)
  if (options.detach === true || started.state === 'planned') {
    if (options.json === true) terminal.write(printableJson(JSON.stringify(started, undefined, 2)))
    else for (const line of nextLines(started)) terminal.write(line)
    return started.state === 'planned' ? runStatus('planned') : 0
  }
  return follow(client, started.id, options, terminal)
}

/** The id is made once: a request whose answer was lost is sent again, and is the same run. */
async function start(
  client: ControllerClient,
  asked: { procedure: string; input: Json; planHash: string },
): Promise<RunRecord> {
  const body = { ...asked, requestId: makeId(nowOfMachine()) }
  for (let tries = 1; ; tries += 1) {
    try {
      return await client.ask('runStart', { body })
    } catch (error) {
      if (!(error instanceof Unreachable) || tries === 5) throw error
      await sleep(tries * 1000)
    }
  }
}

/** Follows until the run rests, or until Ctrl-C; the exit status is that of the run, and 0 where it is `wanted`. */
export async function follow(
  client: ControllerClient,
  id: string,
  options: { json?: true; wanted?: RunState | undefined },
  terminal: Terminal,
): Promise<number> {
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal)
  const quiet: Terminal = { ...terminal, write: () => undefined, overwrite: () => undefined }
  const followed = await followRun(client, id, options.json === true ? quiet : terminal, stop.signal)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, onSignal)
  if (followed.kind === 'detached') {
    terminal.error(`tiercel: not followed any more; the run goes on. To return: tiercel runs watch ${id}`)
    terminal.error(`tiercel: to stop it at the next boundary: tiercel runs cancel ${id}`)
    return 0
  }
  const { detail } = followed
  if (options.json === true) {
    terminal.write(printableJson(JSON.stringify(detail, undefined, 2)))
  } else {
    terminal.write('')
    for (const line of renderRun(detail, nowOfMachine(), terminal)) terminal.write(line)
  }
  const { state } = detail.run
  return state === options.wanted ? 0 : runStatus(state)
}

/** Asks on the terminal; without one, nobody can say yes. */
export async function confirm(question: string, otherwise: string): Promise<void> {
  const questions = openQuestions()
  if (questions === undefined) {
    throw new NotConfirmed(`${otherwise}: there is no terminal to ask on; say --yes to do it without asking`)
  }
  const answer = await questions.ask(question)
  questions.close()
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new NotConfirmed(otherwise)
}
