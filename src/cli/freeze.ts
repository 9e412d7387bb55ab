import { Command, InvalidArgumentError } from 'commander'
import { DurationText } from '../domain/text-units.ts'
import { type Duration, minutes } from '../domain/units.ts'
import { UsageError } from './errors.ts'
import { controllerOption, withController } from './find-controller.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { json } from './runs.ts'
import { printable, type Terminal } from './terminal.ts'
import { minuteText } from './times.ts'

interface FreezeOptions extends FleetOption {
  reason?: string
  for?: Duration
  json?: true
}

/** `tiercel freeze`: no change and no background run starts, over the whole fleet. */
export function freezeCommand(terminal: Terminal): Command {
  return new Command('freeze')
    .description(
      'Hold back all new changes and background runs, over the whole fleet; without --reason, tell whether they are',
    )
    .option('--reason <text>', 'why; whoever is held back reads it')
    .option('--for <duration>', 'how long: 30m, 4h, 2d; without it, until unfreeze', parseLength)
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
What runs already goes on; emergencies pass.
Exit status: 0; 2 bad input.

Examples:
  tiercel freeze --reason 'the network is rebuilt' --for 4h
  tiercel freeze
  tiercel unfreeze`,
    )
    .action(async (options: FreezeOptions) => {
      await withController(options, async (client) => {
        const { reason, for: length } = options
        if (reason === undefined && length !== undefined) throw new UsageError('--for needs --reason')
        const freeze =
          reason === undefined
            ? (await client.ask('freeze')).freeze
            : await client.ask('freezeSet', { body: { reason, ...(length === undefined ? {} : { for: length }) } })
        if (options.json === true) terminal.write(json({ freeze }))
        else if (freeze === null) terminal.write('nothing is frozen')
        else {
          const until = freeze.until === null ? 'until `tiercel unfreeze`' : `until ${minuteText(freeze.until)}`
          terminal.write(`frozen ${until}, by ${printable(freeze.by)}: ${printable(freeze.reason)}`)
        }
      })
    })
}

/** `tiercel unfreeze`. */
export function unfreezeCommand(terminal: Terminal): Command {
  return new Command('unfreeze')
    .description('Let changes start again')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  tiercel unfreeze')
    .action(async (options: FleetOption & { json?: true }) => {
      await withController(options, async (client) => {
        const ended = await client.ask('freezeEnd')
        terminal.write(options.json === true ? json(ended) : 'nothing is frozen any more')
      })
    })
}

function parseLength(text: string): Duration {
  const read = DurationText.safeParse(text)
  if (!read.success) throw new InvalidArgumentError('A duration is a number and one of ms, s, m, h, d: 4h, 2d.')
  if (read.data < minutes(1)) throw new InvalidArgumentError('At least 1m.')
  return read.data
}
