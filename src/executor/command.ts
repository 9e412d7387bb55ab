import { Command } from 'commander'

export function executorCommand(): Command {
  const command = new Command('executor')
    .description('The root helper on a host: runs privileged probes for the agent (started by systemd)')
    .option('--token <file>', 'the token that callers must send', '/etc/tiercel/executor.token')
    .option('--policy <file>', 'the policy, root’s alone', '/etc/tiercel/policy.yaml')
    .option('--config <file>', 'the agent’s configuration, which names folders to read', '/etc/tiercel/agent.yaml')
    .option('--socket <path>', 'listen here instead of on the socket from systemd')
    .addHelpText('after', '\nExample:\n  systemctl enable --now tiercel-executor.socket')
    .action(async (options: { token: string; policy: string; config: string; socket?: string }) => {
      const { runExecutor } = await import('./main.ts')
      await runExecutor(options)
    })
  command
    .command('read-settings', { hidden: true })
    .description('Print the settings of a Cluster peer that are no secret (for the executor itself)')
    .argument('<folder>', 'the folder with service.json')
    .action(async (folder: string) => {
      const { readSettings } = await import('./read-settings.ts')
      process.stdout.write(`${readSettings(folder)}\n`)
    })
  return command
}
