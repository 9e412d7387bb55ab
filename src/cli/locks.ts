import { Command } from 'commander'
import { durationText } from '../domain/text-units.ts'
import { age } from '../domain/units.ts'
import { controllerOption, withController } from './find-controller.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { nowOfMachine } from './follow-run.ts'
import { json } from './runs.ts'
import { printable, table, type Terminal } from './terminal.ts'

/** `tiercel locks`: what is held, and by which run. */
export function locksCommand(terminal: Terminal): Command {
  return new Command('locks')
    .description('What is held now, since when, and by which run')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  tiercel locks')
    .action(async (options: FleetOption & { json?: true }) => {
      await withController(options, async (client) => {
        const { locks } = await client.ask('locks')
        if (options.json === true) {
          terminal.write(json(locks))
        } else if (locks.length === 0) {
          terminal.write('nothing is held')
        } else {
          const rows = locks.map(({ key, capacity, class: runClass, takenAt, run, title }) =>
            [
              key,
              capacity === 1 ? 'alone' : `one of ${capacity}`,
              runClass,
              `${durationText(age(takenAt, nowOfMachine()))} ago`,
              run,
              title,
            ].map(printable),
          )
          for (const line of table(['LOCK', 'HELD', 'CLASS', 'SINCE', 'RUN', 'WHAT'], rows)) terminal.write(line)
        }
      })
    })
}
