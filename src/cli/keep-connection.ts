import { Command } from 'commander'
import { keepConnection } from '../adapters/agent/keeper.ts'
import { milliseconds } from '../domain/units.ts'

/** The small process behind kept SSH connections; started by ourselves, for one host and one user. */
export function keepConnectionCommand(): Command {
  return new Command('keep-connection')
    .description('Keep one SSH connection open for later commands (started by tiercel itself)')
    .argument('<address>')
    .argument('<socket>')
    .argument('<keep-for>', 'milliseconds')
    .argument('[config]', 'an ssh_config')
    .action(async (address: string, socket: string, keepFor: string, config?: string) => {
      await keepConnection(
        { address, ...(config === undefined || config === '' ? {} : { config }) },
        socket,
        milliseconds(Number(keepFor)),
      )
    })
}
