import { Command } from 'commander'
import { z } from 'zod'
import { checkFleet, readFleet } from '../adapters/files/fleet-file.ts'
import { UsageError } from './errors.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import type { Runbook } from './procedure-commands.ts'
import type { Terminal } from './terminal.ts'
import { fleetFile } from './declared-fleet.ts'

export function configCommand(terminal: Terminal, { FleetFile }: Pick<Runbook, 'FleetFile'>): Command {
  const command = new Command('config').description('The fleet file: check it, or print its schema for editors')
  command
    .command('check')
    .description('Read the fleet file and say what is wrong with it; nothing is contacted')
    .argument('[file]', 'the fleet file; else as --fleet')
    .addOption(fleetOption())
    .option('--json', 'print the file as Tiercel understands it, with every default, as JSON')
    .addHelpText('after', '\nExample:\n  tiercel config check tiercel.yaml')
    .action(async (file: string | undefined, options: FleetOption & { json?: true }) => {
      const path = fleetFile(file ?? options.fleet)
      if (path === undefined)
        throw new UsageError(
          'there is no fleet file here; name one: tiercel config check FILE; `tiercel init` writes a first one',
        )
      const fleet = await readFleet(path)
      await checkFleet(path, FleetFile)
      const stores = fleet.hosts.flatMap((host) => host.stores).length
      terminal.write(
        options.json === true
          ? JSON.stringify(fleet, undefined, 2)
          : `${path} is right: ${[
              counted(fleet.clusters.length, 'cluster'),
              counted(fleet.tiers.length, 'tier'),
              counted(fleet.hosts.length, 'host'),
              counted(stores, 'store'),
            ].join(', ')}`,
      )
    })
  command
    .command('schema')
    .description('Print the JSON Schema of the fleet file, for editors')
    .addHelpText('after', '\nExample:\n  tiercel config schema > tiercel.schema.json')
    .action(() => {
      terminal.write(JSON.stringify(z.toJSONSchema(FleetFile, { io: 'input' }), undefined, 2))
    })
  return command
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
