import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { readAgentConfig } from '../adapters/files/agent-file.ts'
import { NotPermitted, OpsError } from '../domain/errors.ts'
import { Name } from '../domain/fleet.ts'
import { policyCommand } from './policy-command.ts'
import { tiercelVersion } from '../version.ts'

const configFile = '/etc/tiercel/agent.yaml'

/** Where the commands of an agent write. */
interface Output {
  write(line: string): void
  error(line: string): void
}

/** The operator did not say yes. */
class NotConfirmed extends OpsError {
  readonly remedy = 'ask'
}

export function agentCommand(output: Output): Command {
  const command = new Command('agent').description('The agent of this host: observes ZFS, Kubo and IPFS Cluster')
  command
    .command('run', { isDefault: true })
    .description('Observe in the background and answer on the socket, until ended')
    .option('--config <file>', 'what this host knows of itself', configFile)
    .addHelpText('after', '\nExample:\n  tiercel agent run --config /etc/tiercel/agent.yaml')
    .action(async ({ config }: { config: string }) => {
      const { runAgent } = await import('./main.ts')
      await runAgent(await readAgentConfig(config))
    })
  command
    .command('stdio')
    .description('Speak to the agent of this host over stdin and stdout; what ssh runs')
    .option('--config <file>', 'what this host knows of itself', configFile)
    .addHelpText(
      'after',
      '\nExample, in the authorized_keys of a user in the group tiercel:\n  restrict,command="tiercel agent stdio" ssh-ed25519 AAAA… operator',
    )
    .action(async ({ config }: { config: string }) => {
      const { serveStdio } = await import('./stdio.ts')
      const { readSecret } = await import('../adapters/system/secrets.ts')
      const { socket, token } = await readAgentConfig(config)
      await serveStdio({ socket, token: await readSecret(token) }, { input: process.stdin, output: process.stdout })
    })
  command
    .command('check')
    .description('Read the agent file and say what is wrong with it')
    .option('--config <file>', 'what this host knows of itself', configFile)
    .addHelpText('after', '\nExample:\n  tiercel agent check')
    .action(async ({ config }: { config: string }) => {
      const { host, stores } = await readAgentConfig(config)
      output.write(`${config} is right: host ${host}, ${stores.length} stores`)
    })
  command.addCommand(policyCommand(output))
  command
    .command('discover', { hidden: true })
    .description('Print what this host has, as JSON; what `tiercel init` runs over SSH')
    .addHelpText('after', '\nExample:\n  ssh HOST tiercel agent discover')
    .action(async () => {
      const { createPrograms } = await import('../adapters/system/exec.ts')
      const { discoverThisHost } = await import('../adapters/discovery/this-host.ts')
      output.write(JSON.stringify(await discoverThisHost(createPrograms().exec, tiercelVersion)))
    })
  command
    .command('install')
    .description('Show, then write what an agent needs here: user, tokens, units; and start it')
    .option('--yes', 'do it without asking')
    .option('--dry-run', 'only show it')
    .addHelpText('after', '\nExample:\n  sudo tiercel agent install')
    .action(async (options: { yes?: true; dryRun?: true }) => {
      await install(options, output)
    })
  return command
}

async function install(options: { yes?: true; dryRun?: true }, output: Output): Promise<void> {
  const { createPrograms } = await import('../adapters/system/exec.ts')
  const { planInstall } = await import('./install.ts')
  const { launcherRisks } = await import('./launcher-risks.ts')
  const launcher = join(import.meta.dirname, '../../bin/tiercel')
  const steps = await planInstall({
    exec: createPrograms().exec,
    launcher,
    hostName: Name.safeParse(hostname().split('.')[0]).data ?? 'host',
  })
  for (const [index, { title, detail }] of steps.entries()) {
    output.write(`${index + 1}. ${title}`)
    for (const line of detail.trimEnd().split('\n')) output.write(`     ${line}`)
  }
  for (const risk of launcherRisks(launcher)) output.error(`tiercel: warning: ${risk}`)
  if (options.dryRun === true) return
  if (process.getuid?.() !== 0) {
    throw new NotPermitted('installing writes to /etc and starts services: it needs root', 'sudo tiercel agent install')
  }
  // sd_booted(3). Found out only at the last steps, it would leave an account and files behind.
  if (!existsSync('/run/systemd/system')) {
    throw new NotPermitted(
      'nothing was written: this machine was not started by systemd, which starts agent and executor',
      'run both by hand: tiercel agent run --config FILE, and tiercel executor --socket PATH',
    )
  }
  if (options.yes !== true) await confirm()
  for (const [index, step] of steps.entries()) {
    output.write(`${index + 1}/${steps.length} ${step.title}`)
    await step.run()
  }
  output.write('Done. Next: fill in /etc/tiercel/agent.yaml, then: systemctl restart tiercel-agent, and tiercel health')
}

async function confirm(): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new NotConfirmed('nothing was written: without a terminal to ask on, say --yes (or --dry-run to look only)')
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  // Ctrl-D and Ctrl-C are no answer; Node 26 rejects then.
  const answer = await lines.question('Do this? [y/N] ').catch(() => '')
  lines.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new NotConfirmed('nothing was written')
}
