import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { didYouMean } from '../domain/nearest.ts'
import { defaultPolicy, type StopPolicy, type Verdict } from '../domain/placement/verdict.ts'
import { type TargetKind, targetKinds, targetNames } from '../domain/placement/targets.ts'
import type { FleetView } from '../domain/health/view.ts'
import { okToStop } from '../observe/ok-to-stop.ts'
import { UsageError } from './errors.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { okToStopJson, renderOkToStop } from './render-ok-to-stop.ts'
import type { Terminal } from './terminal.ts'
import { openWorld, type World } from './world.ts'

interface Options extends FleetOption {
  for: StopPolicy['for']
  keep?: number
  level?: StopPolicy['level']
  json?: true
}

/** `tiercel ok-to-stop --for restart host n1`; `open` is for tests. */
export function okToStopCommand(
  terminal: Terminal,
  open: (fleet: string | undefined) => Promise<Pick<World, 'reader'>> = openWorld,
): Command {
  return new Command('ok-to-stop')
    .description('Whether something may be stopped or lost: which pins would have too few copies')
    .addArgument(new Argument('<kind>', 'what it is').choices(targetKinds))
    .argument(
      '<names...>',
      'n1 (host), n1/hot (store, kubo, cluster-daemon), n1/hot-tier (pool), n1/hot-tier/sda (disk)',
    )
    .addOption(
      new Option('--for <what>', 'restart: the data stays, and is away for a while; loss: the data is gone')
        .choices(['restart', 'loss'])
        .makeOptionMandatory(),
    )
    .option(
      '--keep <copies>',
      'how many copies must stay, on hosts of their own; restart: 1, loss: as many as the replication-min of the pin',
      parseCount,
    )
    .addOption(
      new Option(
        '--level <level>',
        'what the copies that stay must be: pinned (by the lists), complete (walked); restart: pinned, loss: complete',
      ).choices(['pinned', 'complete']),
    )
    .addOption(fleetOption())
    .option('--json', 'as JSON, with all figures')
    .addHelpText(
      'after',
      `
Several names are asked for as if all were gone at once. Copies on one host count as one; a copy of which nothing is known does not count.
The lists of all peers of the cluster are read anew first; a yes stands for the moment at which they were read.

Exit status: 0 yes, 1 no, 2 bad input, 3 not known.

Examples:
  tiercel ok-to-stop --for restart host n1
  tiercel ok-to-stop --for loss disk n1/hot-tier/sda n1/hot-tier/sdb
  tiercel ok-to-stop --for loss store n2/cold --keep 1 --level pinned`,
    )
    .action(async (kind: TargetKind, names: string[], options: Options) => {
      process.exitCode = await run(kind, names, options, terminal, open)
    })
}

const exitStatuses: Record<Verdict, number> = { ok: 0, no: 1, unknown: 3 }

async function run(
  kind: TargetKind,
  asked: readonly string[],
  options: Options,
  terminal: Terminal,
  open: (fleet: string | undefined) => Promise<Pick<World, 'reader'>>,
): Promise<number> {
  const { reader } = await open(options.fleet)
  const progress = terminal.isInteractive
    ? setTimeout(
        () =>
          terminal.error(
            'tiercel: the agents read the lists of their peers anew; with a million pins this takes a minute …',
          ),
        2000,
      )
    : undefined
  try {
    const view = await reader.look()
    const policy = policyOf(options)
    const names = asked.map((name) => nameOf(view, kind, name))
    const found = await okToStop(view, reader, { kind, names, policy }, AbortSignal.timeout(answerWithin))
    const said = { at: view.at, kind, names, policy, found }
    if (options.json === true) terminal.write(okToStopJson(said))
    else for (const line of renderOkToStop(said, terminal)) terminal.write(line)
    return exitStatuses[found.verdict]
  } finally {
    clearTimeout(progress)
    await reader.close()
  }
}

/** The lists of ten million pins take some minutes to be read, and are read once more where they differ. */
const answerWithin = 30 * 60_000

function policyOf({ for: what, keep, level }: Options): StopPolicy {
  const standard = defaultPolicy(what)
  return { ...standard, keep: keep ?? standard.keep, level: level ?? standard.level }
}

/** The whole name: a part of it that is unique will do. */
function nameOf(view: FleetView, kind: TargetKind, name: string): string {
  const known = targetNames(view, kind)
  const found = known.includes(name) ? [name] : known.filter((one) => one.endsWith(`/${name}`))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const list = `${known.slice(0, 20).join(', ')}${known.length > 20 ? ', …' : ''}`
  if (found.length > 1) throw new UsageError(`${name} is the name of several: ${found.join(', ')}`)
  const silent = view.hosts.flatMap(({ declaration, contact }) =>
    contact.state === 'answered' ? [] : [declaration.name],
  )
  const perhaps = silent.length === 0 ? '' : ` It may be on ${silent.join(', ')}, which did not answer.`
  throw new UsageError(
    `there is no ${kind} ${name}${didYouMean(name, known)} ${known.length === 0 ? `No ${kind} is known.` : `Known: ${list}`}${perhaps}`,
  )
}

function parseCount(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('A whole number of copies: 0, 1, 2 …')
  return Number(text)
}
