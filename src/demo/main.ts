import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type Look, watch } from '../cli/watch.ts'
import { exitStatus, healthJson, renderLong } from '../cli/render-health.ts'
import { renderShort } from '../cli/render-short.ts'
import { renderWell } from '../cli/render-well.ts'
import { known } from '../cli/narrow-options.ts'
import { systemTerminal } from '../cli/terminal.ts'
import { explain } from '../domain/errors.ts'
import { judge } from '../domain/health/judge.ts'
import { wellIn } from '../domain/health/looked-at.ts'
import { emptyLookBook, standingSince, withLook } from '../domain/health/looks.ts'
import { percent } from '../domain/text-units.ts'
import { milliseconds, seconds } from '../domain/units.ts'
import { createWorld } from '../sim/create-world.ts'
import { faults } from '../sim/faults/index.ts'
import { beginFor, observeWorld } from '../sim/observed-fleet.ts'
import { startDemoController } from './demo-controller.ts'
import { tiercelVersion } from '../version.ts'

/** What goes wrong when nothing is asked for: one of each severity, on different hosts. */
const defaultFaults = ['disk-removed', 'kubo-killed', 'pool-filling', 'pin-errors', 'executor-absent']

const everyText = '5s'
const every = seconds(5)

/** What a newcomer may type beside it, each of them harmless. */
const toTry = [
  'health show DISK_REMOVED',
  'health --all',
  'pools',
  'pins',
  'pins --errors',
  'health mute PIN_ERRORS n2/cold/peer --for 2h --reason "trying it"',
  'ok-to-stop --for restart host n2',
  'plan scrub --tier warm',
  'run practice --host n2',
  'runs list',
]

interface Options {
  once?: true
  json?: true
  long?: true
  hosts: number
  fault: string[]
  healthy?: true
  listFaults?: true
  all?: true
}

/** The faults are on the first three. */
const fewestHosts = 3

function hostCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= fewestHosts && count <= 1000) return count
  throw new InvalidArgumentError(`A whole number from ${fewestHosts} to 1000.`)
}

async function demo(options: Options): Promise<number> {
  const terminal = systemTerminal()
  if (options.listFaults === true) {
    const width = Math.max(...faults.map(({ name }) => name.length))
    for (const { name, title } of faults) terminal.write(`${name.padEnd(width)}  ${title}`)
    return 0
  }
  const chosen = options.healthy === true ? [] : options.fault.length > 0 ? options.fault : defaultFaults
  known(
    'fault',
    chosen,
    faults.map(({ name }) => name),
  )
  const hosts = Array.from({ length: options.hosts }, (_, index) => `n${index + 1}`)
  const world = createWorld({ hosts, startAt: beginFor(chosen, Date.now()) })
  const fleet = await observeWorld(world, tiercelVersion)
  await fleet.breakWith(chosen)
  // Simulated time goes on when somebody looks, and is that of this machine then.
  let passed = Promise.resolve()
  const now = async (): Promise<void> => {
    passed = passed.then(async () => fleet.pass(milliseconds(Math.max(0, Date.now() - fleet.clock.now()))))
    return passed
  }
  let book = emptyLookBook
  const look = async (): Promise<Look> => {
    const view = await fleet.look()
    const report = judge(view)
    const since = standingSince(book, report.at)
    book = withLook(book, report)
    const well = options.all === true ? wellIn(view, report.findings) : []
    const lines: Look['lines'] = (screen) => [
      ...(options.long === true ? renderLong(report, screen) : renderShort(report, screen, { since, more: '--long' })),
      ...renderWell(well, screen),
    ]
    return { report, lines }
  }
  if (options.once === true) {
    const { report, lines } = await look()
    for (const line of options.json === true ? [healthJson(report)] : lines(terminal)) terminal.write(line)
    return exitStatus(report.status)
  }
  const controller = await startDemoController(world, fleet, now)
  const broken = chosen.length === 0 ? 'nothing' : chosen.join(', ')
  const about = [
    `A simulated fleet of ${options.hosts} hosts with three stores each, looked at every ${everyText}; Ctrl-C ends. Broken: ${broken}.`,
    'Its controller answers too. In another terminal:',
    `  export TIERCEL_FLEET=${controller.fleetFile}`,
    `  export TIERCEL_CONTROLLER=${controller.socket} TIERCEL_TOKEN_FILE=${controller.tokenFile}`,
    ...toTry.map((command) => `  bin/tiercel ${command}`),
    '',
  ]
  // On a terminal, the picture stays and this stands below it.
  if (options.json !== true && !terminal.isInteractive) for (const line of about) terminal.write(line)
  try {
    return await watch(
      async () => {
        await now()
        const { report, lines } = await look()
        const { run } = await controller.practice()
        return {
          report,
          lines: (screen) => {
            const practice = ['', `practice run: ${run.state}, ${percent(run.share)}`]
            const below = terminal.isInteractive ? [...practice, '', ...about] : practice
            const rows = screen.rows === undefined ? undefined : screen.rows - practice.length
            const shown = lines({ ...screen, rows })
            const room =
              screen.rows === undefined ? below.length : Math.max(practice.length, screen.rows - shown.length)
            return [...shown, ...below.slice(0, room)]
          },
        }
      },
      { every, ...(options.json === true ? { json: true } : {}) },
      terminal,
    )
  } finally {
    await controller.close()
  }
}

const program = new Command('npm run demo --')
  .description('A simulated fleet with faults, and the health that Tiercel sees in it')
  .option('--once', 'end after the first look, with the exit status of health')
  .option('--json', 'as JSON')
  .option('--long', 'all that is known of each finding')
  .option('--all', 'show also what is well, by host')
  .addOption(
    new Option('--hosts <number>', 'so many hosts, three stores each').argParser(hostCount).default(fewestHosts),
  )
  .addOption(
    new Option('--fault <name>', 'break this (repeatable)')
      .argParser((name: string, before: string[]) => [...before, name])
      .default([], 'several'),
  )
  .addOption(new Option('--healthy', 'break nothing').conflicts('fault'))
  .option('--list-faults', 'what can be broken, a name first on each line')
  .addHelpText(
    'after',
    '\nExamples:\n  npm run demo\n  npm run demo -- --once --json\n  npm run demo -- --fault pool-suspended --fault kubo-killed',
  )
  .exitOverride()
  .action(async (options: Options) => {
    process.exitCode = await demo(options)
  })

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`demo: ${explain(error)}\n`)
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2
}
process.stdout.write('', () => process.exit())
