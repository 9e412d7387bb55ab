import { Command } from 'commander'
import { keepConnections } from '../adapters/agent/keeper.ts'

/** The small process behind kept SSH connections; started by ourselves, one a user. */
export function keepConnectionsCommand(): Command {
  return new Command('keep-connections')
    .description('Keep SSH connections open for later commands (started by tiercel itself)')
    .argument('<socket>')
    .action(async (socket: string) => {
      await keepConnections(socket)
    })
}
