import { Command, InvalidArgumentError, Option } from 'commander'
import type { ControllerClient } from '../adapters/controller/client.ts'
import { isActive, type RunSummary, RunState } from '../domain/run.ts'
import { UsageError } from './errors.ts'
import { controllerOption, withController } from './find-controller.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { nowOfMachine } from './follow-run.ts'
import { choiceSays, nextLines, renderRun, runsTable, runStatus, transcriptLines, undoLines } from './render-run.ts'
import { pageSize } from './page-size.ts'
import { confirm, follow } from './run.ts'
import { Instant } from '../domain/units.ts'
import { printable, printableJson, table, type Terminal } from './terminal.ts'
import { iso } from './times.ts'

interface RunsOptions extends FleetOption {
  json?: true
}

const runArgument = 'the id of the run, or an end of it that no other one has'

/** `tiercel runs …`: what was, is and will be run, and a person's word on it. */
export function runsCommand(terminal: Terminal): Command {
  const command = new Command('runs')
    .description('The runs of procedures: list, follow, go on, take back, answer')
    .addHelpText(
      'after',
      `
A run is named by its id, or by an end of it that no other one has.

Exit status of what follows a run: 0 it came to what was wanted, 1 it did not, 2 bad input, 3 it asks a person or is not over.
Of the others: 0; 2 bad input.

Examples:
  tiercel runs list
  tiercel runs watch 7f3a
  tiercel runs cancel 7f3a
  tiercel runs undo 7f3a`,
    )
  const child = (name: string, description: string, example: string, withRun = true): Command => {
    const made = command
      .command(name)
      .description(description)
      .addOption(fleetOption())
      .addOption(controllerOption())
      .option('--json', 'as JSON')
      .addHelpText('after', `\nExample:\n  tiercel runs ${example}`)
    return withRun ? made.argument('<run>', runArgument) : made
  }

  child('list', 'List runs, newest first', 'list --state running --state asking', false)
    .addOption(new Option('--state <state>', 'only these (repeatable)').argParser(stateList))
    .option('--procedure <procedure>', 'only runs of it')
    .option('--all', 'also those that are part of another run')
    .option('--before <run>', 'the next page: the last id of this one')
    .addOption(new Option('--limit <count>', 'how many').argParser(pageSize).default(20))
    .action(async (options: ListOptions) => {
      await withController(options, async (client) => list(client, options, terminal))
    })

  child('show', 'One run: its steps with times and results, and what it asks', 'show 7f3a').action(
    async (run: string, options: RunsOptions) => {
      await withController(options, async (client) => {
        const detail = await client.ask('run', { params: { run: (await find(client, run)).id } })
        if (options.json === true) terminal.write(json(detail))
        else for (const line of renderRun(detail, nowOfMachine(), terminal)) terminal.write(line)
      })
    },
  )

  child('watch', 'Follow a run until it rests; Ctrl-C ends the following only', 'watch 7f3a').action(
    async (run: string, options: RunsOptions) => {
      process.exitCode = await withController(options, async (client) => {
        const { id, title } = await find(client, run)
        if (options.json !== true) terminal.write(printable(title))
        return follow(client, id, options, terminal)
      })
    },
  )

  for (const { name, route, says, wanted } of verbs) {
    child(name, says, `${name} 7f3a`)
      .option('--detach', 'do not follow')
      .action(async (run: string, options: FollowedOptions) => {
        process.exitCode = await withController(options, async (client) => {
          const { id } = await find(client, run)
          return askedOf(client, route, id, { ...options, wanted }, terminal)
        })
      })
  }

  child('undo', 'Take back what a run has done, last step first: shows it, and asks', 'undo 7f3a')
    .option('--yes', 'without asking')
    .option('--detach', 'do not follow')
    .action(async (run: string, options: FollowedOptions & { yes?: true }) => {
      process.exitCode = await withController(options, async (client) => {
        const { id } = await find(client, run)
        if (options.yes !== true) {
          const detail = await client.ask('run', { params: { run: id } })
          if (options.json !== true) for (const line of undoLines(detail)) terminal.write(line)
          await confirm('Take this back? [y/N] ', 'nothing was taken back')
        }
        return askedOf(client, 'runUndo', id, { ...options, wanted: 'undone' }, terminal)
      })
    })

  child('answer', 'Answer what a run asks; without an answer, tell what can be answered', 'answer 7f3a run')
    .argument('[choice]', 'one of the answers that it offers')
    .option('--detach', 'do not follow')
    .action(async (run: string, choice: string | undefined, options: FollowedOptions) => {
      process.exitCode = await withController(options, async (client) => {
        const { id } = await find(client, run)
        if (choice === undefined) throw await choicesOf(client, id)
        const after = await client.ask('runAnswer', { params: { run: id }, body: { choice } })
        return told(client, after, { ...options, follows: options.detach !== true }, terminal)
      })
    })

  child('approve', 'Approve a planned run, as the second person: shows it, and asks', 'approve 7f3a')
    .option('--yes', 'without asking')
    .action(async (run: string, options: RunsOptions & { yes?: true }) => {
      await withController(options, async (client) => {
        const { id, planHash } = await find(client, run)
        const detail = await client.ask('run', { params: { run: id } })
        if (options.json !== true) for (const line of renderRun(detail, nowOfMachine(), terminal)) terminal.write(line)
        if (options.yes !== true) await confirm('Approve this? [y/N] ', 'it was not approved')
        await told(
          client,
          await client.ask('runApprove', { params: { run: id }, body: { planHash } }),
          { ...options, follows: false },
          terminal,
        )
      })
    })

  child('transcript', 'Every command that a run has run: host, time, exit status, output', 'transcript 7f3a').action(
    async (run: string, options: RunsOptions) => {
      await withController(options, async (client) =>
        transcript(client, (await find(client, run)).id, options, terminal),
      )
    },
  )
  return command
}

/** What is asked of a run without more words. */
type Asked = 'runResume' | 'runCancel' | 'runUndo' | 'runLeave'

interface FollowedOptions extends RunsOptions {
  detach?: true
}

async function askedOf(
  client: ControllerClient,
  route: Asked,
  run: string,
  options: FollowedOptions & { wanted: RunState },
  terminal: Terminal,
): Promise<number> {
  const after = await client.ask(route, { params: { run }, body: {} })
  return told(client, after, { ...options, follows: options.wanted !== 'left' && options.detach !== true }, terminal)
}

/** What a run asks, and with what it can be answered: for whoever has not said it. */
async function choicesOf(client: ControllerClient, run: string): Promise<UsageError> {
  const { run: record, question } = await client.ask('run', { params: { run } })
  if (question === undefined) return new UsageError(`the run ${run} asks nothing: it is ${record.state}`)
  const choices = question.choices.map((choice) => `\n  ${choice.padEnd(10)}  ${choiceSays[choice] ?? ''}`)
  return new UsageError(`which answer? ${question.text}${choices.join('')}`)
}

/** `wanted`: where it leads when all goes well; the exit status is 0 then. */
const verbs = [
  {
    name: 'resume',
    route: 'runResume',
    says: 'Go on with a run that was stopped or has failed: it looks first',
    wanted: 'succeeded',
  },
  {
    name: 'cancel',
    route: 'runCancel',
    says: 'Stop a run at the next boundary of a step; then resume, undo or leave it',
    wanted: 'stopped',
  },
  { name: 'leave', route: 'runLeave', says: 'End a run, and leave what it has done as it is', wanted: 'left' },
] as const satisfies readonly { name: string; route: Asked; says: string; wanted: RunState }[]

interface ListOptions extends RunsOptions {
  state?: RunState[]
  procedure?: string
  all?: true
  before?: string
  limit: number
}

async function list(client: ControllerClient, options: ListOptions, terminal: Terminal): Promise<void> {
  const { runs, next } = await client.ask('runs', {
    query: {
      limit: options.limit,
      ...(options.state === undefined ? {} : { state: options.state.join(',') }),
      ...(options.procedure === undefined ? {} : { procedure: options.procedure }),
      ...(options.all === true ? {} : { parent: 'none' }),
      ...(options.before === undefined ? {} : { before: options.before }),
    },
  })
  if (options.json === true) {
    terminal.write(json({ runs, next }))
    return
  }
  if (runs.length === 0) terminal.write('no runs')
  else for (const line of runsTable(runs, nowOfMachine())) terminal.write(line)
  if (next !== null) terminal.write(`more: tiercel runs list --before ${next}`)
}

/** A person's word was taken: the run is followed, or shown as it is now. */
async function told(
  client: ControllerClient,
  run: RunSummary,
  options: RunsOptions & { follows: boolean; wanted?: RunState },
  terminal: Terminal,
): Promise<number> {
  if (options.follows) return follow(client, run.id, options, terminal)
  if (options.json === true) {
    terminal.write(json(run))
  } else {
    terminal.write(`${run.state}  ${printable(run.title)}${run.state === 'asking' ? `: ${printable(run.reason)}` : ''}`)
    for (const line of nextLines(run)) terminal.write(line)
  }
  return isActive(run.state) || run.state === options.wanted ? 0 : runStatus(run.state)
}

async function transcript(
  client: ControllerClient,
  run: string,
  options: RunsOptions,
  terminal: Terminal,
): Promise<void> {
  const all = []
  let count = 0
  for (let after: number | null = 0; after !== null;) {
    const page: { commands: Parameters<typeof transcriptLines>[0]; next: number | null } = await client.ask(
      'transcript',
      { params: { run }, query: { after, limit: 500 } },
    )
    after = page.next
    count += page.commands.length
    if (options.json === true) all.push(...page.commands)
    else for (const line of transcriptLines(page.commands, terminal)) terminal.write(line)
  }
  if (options.json === true) terminal.write(json(all))
  else if (count === 0) terminal.write('no step of it has run a command on a host')
}

/** Ids are long: an end of one will do, as long as it is of one run only. */
async function find(client: ControllerClient, text: string): Promise<RunSummary> {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) {
    return (await client.ask('run', { params: { run: text } })).run
  }
  if (!/^[0-9a-f-]{3,36}$/.test(text))
    throw new UsageError(`${text} is no id of a run; \`tiercel runs list\` shows them`)
  const { runs } = await client.ask('runs', { query: { limit: 500 } })
  const fitting = runs.filter(({ id }) => id.endsWith(text))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  const known = (fitting.length > 1 ? fitting : runs).slice(0, 5).map(({ id, title, state }) => [id, state, title])
  throw new UsageError(
    `${fitting.length > 1 ? `several runs end with ${text}` : `none of the last ${runs.length} runs ends with ${text}`}${known.length === 0 ? '' : `:\n${table(['RUN', 'STATE', 'WHAT'], known).join('\n')}`}`,
  )
}

function stateList(text: string, before: RunState[] | undefined): RunState[] {
  const state = RunState.safeParse(text)
  if (!state.success) throw new InvalidArgumentError(`One of ${RunState.options.join(', ')}.`)
  return [...(before ?? []), state.data]
}

/** Moments are ISO 8601 in UTC, as in all our JSON. */
export const json = (value: unknown): string =>
  printableJson(
    JSON.stringify(
      value,
      (key, inner: unknown) =>
        typeof inner === 'number' && /^(at|.*At|until)$/.test(key) ? iso(Instant.parse(Math.round(inner))) : inner,
      2,
    ),
  )
