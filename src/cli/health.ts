import { Command, InvalidArgumentError } from 'commander'
import { checks } from '../domain/health/index.ts'
import { judge } from '../domain/health/judge.ts'
import { DurationText } from '../domain/text-units.ts'
import { type Duration, seconds } from '../domain/units.ts'
import { mutesFile } from '../adapters/state/mutes-file.ts'
import { stateFolder } from '../adapters/state/state-folder.ts'
import { narrowed, tiersOf } from '../domain/health/narrow.ts'
import type { Report } from '../domain/health/report.ts'
import { UsageError } from './errors.ts'
import { explainCheck } from './explain.ts'
import { muteCommand, mutesCommand, unmuteCommand } from './mute.ts'
import { addNarrowOptions, narrowFrom, type NarrowOptions } from './narrow-options.ts'
import { reportOn } from './report.ts'
import { exitStatus, healthJson, renderHealth, renderNagios } from './render-health.ts'
import type { Terminal } from './terminal.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { watch } from './watch.ts'
import { openWorld } from './world.ts'

interface HealthOptions extends FleetOption, NarrowOptions {
  json?: true
  nagios?: true
  watch?: true
  all?: true
  every: Duration
}

export function healthCommand(terminal: Terminal): Command {
  const command = addNarrowOptions(new Command('health'))
    .description('What is wrong, how bad, on what evidence, what it endangers, and what to do')
    .addOption(fleetOption())
    .option('--json', 'as JSON: { at, status, findings, totals }; with --watch one document a line')
    .option('--nagios', 'one line and counters, for Nagios, Icinga and their kin')
    .option('--watch', 'look again and again, until Ctrl-C')
    .option('--every <duration>', 'how often with --watch: 5s, 1m', parseDuration, seconds(10))
    .option('--all', 'show also what was looked at and is well')
    .addHelpText(
      'after',
      `
Exit status: 0 ok, 1 warning, 2 critical (or bad input), 3 unknown: of what is shown, so without what is muted or
filtered away.

Examples:
  tiercel health                                this machine, or the fleet of ./tiercel.yaml
  tiercel health --fleet /etc/tiercel/tiercel.yaml --watch
  tiercel health --json | jq '.findings[] | select(.severity == "critical")'
  tiercel health --host n1 --severity critical --severity unknown
  tiercel health mute SCRUB_OVERDUE n1/cold-tier --for 2d --reason 'after the resilver'
  tiercel health explain POOL_DEGRADED`,
    )
    .action(async (options: HealthOptions) => {
      if (options.json === true && options.nagios === true)
        throw new UsageError('--json and --nagios exclude each other')
      process.exitCode = await health(options, terminal)
    })
  command.addCommand(
    new Command('explain')
      .description('What a code means, what it endangers and what to do')
      .argument('<code>', 'POOL_DEGRADED, or any other code that health shows')
      .addHelpText('after', '\nExample:\n  tiercel health explain POOL_DEGRADED')
      .action((code: string) => {
        for (const line of explainCheck(code, checks)) terminal.write(line)
      }),
  )
  for (const child of [muteCommand, mutesCommand, unmuteCommand]) command.addCommand(child(terminal))
  return command
}

async function health(options: HealthOptions, terminal: Terminal): Promise<number> {
  const { reader, file } = await openWorld(options.fleet)
  const mutes = mutesFile(stateFolder(file))
  const look = async (): Promise<Report> => {
    const view = await reader.look()
    return narrowed(await reportOn(judge(view), mutes), narrowFrom(options, view), tiersOf(view))
  }
  try {
    if (options.watch !== true) {
      const found = await look()
      if (options.json === true) terminal.write(healthJson(found))
      else if (options.nagios === true) terminal.write(renderNagios(found))
      else for (const line of renderHealth(found, terminal, { all: options.all === true })) terminal.write(line)
      return exitStatus(found.status)
    }
    return await watch(look, options, terminal)
  } finally {
    await reader.close()
  }
}

function parseDuration(text: string): Duration {
  const read = DurationText.safeParse(text)
  if (!read.success) throw new InvalidArgumentError('A duration is a number and one of ms, s, m, h, d: 5s, 1m.')
  if (read.data < seconds(1)) throw new InvalidArgumentError('At least 1s.')
  return read.data
}
