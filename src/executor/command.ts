import { Command } from 'commander'

export function executorCommand(): Command {
  return new Command('executor')
    .description('The root helper on a host: runs privileged probes for the agent (started by systemd)')
    .option('--token <file>', 'the token that callers must send', '/etc/tiercel/executor.token')
    .option('--policy <file>', 'the policy, root’s alone', '/etc/tiercel/policy.yaml')
    .option('--socket <path>', 'listen here instead of on the socket from systemd')
    .addHelpText('after', '\nExample:\n  systemctl enable --now tiercel-executor.socket')
    .action(async (options: { token: string; policy: string; socket?: string }) => {
      const { runExecutor } = await import('./main.ts')
      await runExecutor(options)
    })
}
