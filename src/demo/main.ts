import { Command, CommanderError, Option } from 'commander'
import { watch } from '../cli/watch.ts'
import { exitStatus, healthJson, renderHealth } from '../cli/render-health.ts'
import { known } from '../cli/narrow-options.ts'
import { systemTerminal } from '../cli/terminal.ts'
import { renderRun } from '../cli/render-run.ts'
import { explain } from '../domain/errors.ts'
import { judge } from '../domain/health/judge.ts'
import { seconds } from '../domain/units.ts'
import { createWorld } from '../sim/create-world.ts'
import { faults } from '../sim/faults/index.ts'
import { beginFor, observeWorld } from '../sim/observed-fleet.ts'
import { startDemoController } from './demo-controller.ts'
import { tiercelVersion } from '../version.ts'

/** What goes wrong when nothing is asked for: one of each severity, on different hosts. */
const defaultFaults = ['disk-removed', 'kubo-killed', 'pool-filling', 'pin-errors', 'executor-absent']

const everyText = '5s'
const every = seconds(5)

interface Options {
  once?: true
  json?: true
  fault: string[]
  healthy?: true
  listFaults?: true
  all?: true
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
  const world = createWorld({ startAt: beginFor(chosen, Date.now()) })
  const fleet = await observeWorld(world, tiercelVersion)
  await fleet.breakWith(chosen)
  const look = async () => judge(await fleet.look())
  if (options.once === true) {
    const found = await look()
    const lines =
      options.json === true ? [healthJson(found)] : renderHealth(found, terminal, { all: options.all === true })
    for (const line of lines) terminal.write(line)
    return exitStatus(found.status)
  }
  if (options.json !== true) {
    terminal.write(
      `A simulated fleet, three hosts with three stores each. Looking again every ${everyText}; Ctrl-C ends.`,
    )
    terminal.write(
      `What is broken: ${chosen.length === 0 ? 'nothing' : chosen.join(', ')}. More: npm run demo -- --list-faults\n`,
    )
  }
  const controller = await startDemoController(world, fleet)
  if (options.json !== true) {
    terminal.write('A controller runs too, in this process, with a practice run. From another terminal:')
    terminal.write(`  export TIERCEL_CONTROLLER=${controller.socket} TIERCEL_TOKEN_FILE=${controller.tokenFile}`)
    terminal.write('  bin/tiercel runs list; bin/tiercel run practice --host n2\n')
  }
  try {
    return await watch(
      async () => {
        const found = await look()
        if (options.json !== true)
          for (const line of renderRun(await controller.practice(), found.at, terminal)) terminal.write(line)
        await fleet.pass(every)
        return found
      },
      { every, ...(options.json === true ? { json: true } : {}), ...(options.all === true ? { all: true } : {}) },
      { ...terminal, isInteractive: false },
    )
  } finally {
    await controller.close()
  }
}

const program = new Command('npm run demo --')
  .description('A simulated fleet with faults, and the health that Tiercel sees in it')
  .option('--once', 'end after the first look, with the exit status of health')
  .option('--json', 'as JSON')
  .option('--all', 'show also what is well')
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
