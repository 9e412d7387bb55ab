import { hostname } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { readAgentConfig } from '../adapters/files/agent-file.ts'
import { Name } from '../domain/fleet.ts'
import { policyCommand } from './policy-command.ts'
import { tiercelVersion } from '../version.ts'

const configFile = '/etc/tiercel/agent.yaml'

/** Where the commands of an agent write. */
interface Output {
  write(line: string): void
  error(line: string): void
}

export function agentCommand(output: Output): Command {
  const command = new Command('agent')
    .description('The agent of this host: observes ZFS, Kubo and IPFS Cluster')
    .addHelpText(
      'after',
      `
Exit status: 0; 2 bad input, or it cannot be done; \`agent policy test\` says its own.

Examples:
  sudo tiercel agent install
  tiercel agent check
  tiercel agent policy show`,
    )
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
    .option('--look-only', 'let through nothing but looks: for whoever is no controller')
    .addHelpText(
      'after',
      `
Examples, in the authorized_keys of a user in the group tiercel; for a controller, also in the group tiercel-grant:
  restrict,command="tiercel agent stdio --look-only" ssh-ed25519 AAAA… operator
  restrict,command="tiercel agent stdio" ssh-ed25519 AAAA… controller`,
    )
    .action(async ({ config, lookOnly = false }: { config: string; lookOnly?: boolean }) => {
      const { serveStdio } = await import('./stdio.ts')
      const { readSecret } = await import('../adapters/system/secrets.ts')
      const { socket, token, grantToken } = await readAgentConfig(config)
      const granting = lookOnly ? undefined : await readSecret(grantToken).catch(() => undefined)
      await serveStdio(
        { socket, token: await readSecret(token), grantToken: granting, lookOnly },
        { input: process.stdin, output: process.stdout },
      )
    })
  command
    .command('grant')
    .description('Have this host obey a controller and its key, whatever it obeyed before')
    .argument('<controller>', 'its name')
    .argument('<epoch>', 'its epoch')
    .argument('<key>', 'its public key; `tiercel controller key` prints all three')
    .option('--config <file>', 'what this host knows of itself', configFile)
    .addHelpText('after', '\nExample:\n  sudo tiercel agent grant n9-1f3a5b7c 1 ed25519:…')
    .action(async (controller: string, epoch: string, key: string, { config }: { config: string }) => {
      const { grantByHand } = await import('./grant.ts')
      output.write(await grantByHand(await readAgentConfig(config), { controller, epoch, key }))
    })
  command
    .command('check')
    .description('Read the agent file and say what is wrong with it')
    .argument('[file]', 'another one than --config names, such as one that `tiercel init` wrote')
    .option('--config <file>', 'what this host knows of itself', configFile)
    .addHelpText('after', '\nExamples:\n  tiercel agent check\n  tiercel agent check agent-n1.yaml')
    .action(async (file: string | undefined, { config }: { config: string }) => {
      const path = file ?? config
      const { host, stores } = await readAgentConfig(path)
      output.write(`${path} is right: host ${host}, ${stores.length} stores`)
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
  const { install: carryOut } = await import('../adapters/system/install.ts')
  const { planInstall } = await import('./install.ts')
  const { launcherRisks } = await import('./launcher-risks.ts')
  const launcher = join(import.meta.dirname, '../../bin/tiercel')
  const steps = await planInstall({
    exec: createPrograms().exec,
    launcher,
    hostName: Name.safeParse(hostname().split('.')[0]).data ?? 'host',
  })
  const isDone = await carryOut(steps, options, {
    write: (line) => output.write(line),
    warnings: launcherRisks(launcher).map((risk) => () => output.error(`tiercel: warning: ${risk}`)),
    needsRoot: {
      why: 'installing writes to /etc and starts services: it needs root',
      how: 'sudo tiercel agent install',
    },
    byHand: {
      why: 'nothing was written: this machine was not started by systemd, which starts agent and executor',
      how: 'run both by hand: tiercel agent run --config FILE, and tiercel executor --socket PATH',
    },
  })
  if (!isDone) return
  output.write('Done. Next: fill in /etc/tiercel/agent.yaml, then: systemctl restart tiercel-agent, and tiercel health')
}
