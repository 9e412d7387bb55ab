import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { readControllerConfig } from '../adapters/files/controller-file.ts'
import { controllerKeyFile } from '../domain/controller-config.ts'
import { Role } from '../domain/role.ts'
import { installCommand } from './install-command.ts'
import type { Output } from './output.ts'

const configFile = '/etc/tiercel/controller.yaml'

const configOption = () => new Option('--config <file>', 'what this controller is given').default(configFile)

interface ConfigOption {
  config: string
}

/** `tiercel controller …`: the process itself, and what is done beside it on its machine. */
export function controllerCommand(output: Output): Command {
  const command = new Command('controller')
    .description('The controller: owns runs, locks, mutes and tokens of a fleet')
    .addHelpText(
      'after',
      `
Exit status: 0; 2 bad input, or it cannot be done.

Examples:
  sudo tiercel controller install
  tiercel controller token create olga --role operator > olga.token
  tiercel controller backup /var/backups/tiercel.sqlite`,
    )
  command
    .command('run')
    .description('Look at the fleet, run procedures, and answer on the socket, until ended')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  tiercel controller run --config /etc/tiercel/controller.yaml')
    .action(async ({ config }: ConfigOption) => {
      const { runController } = await import('./main.ts')
      await runController(await readControllerConfig(config))
    })
  command
    .command('check')
    .description('Read the controller file and the fleet file, and say what is wrong with them')
    .argument('[file]', 'another one than --config names')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  tiercel controller check')
    .action(async (file: string | undefined, { config }: ConfigOption) => {
      const path = file ?? config
      const { readFleet } = await import('../adapters/files/fleet-file.ts')
      const { fleet, listen } = await readControllerConfig(path)
      const { procedures } = await import('../procedures/index.ts')
      const { checkSettings } = await import('./check-settings.ts')
      const read = await readFleet(fleet)
      checkSettings(read, procedures)
      output.write(`${path} is right: fleet file ${fleet} with ${read.hosts.length} hosts, socket ${listen.socket}`)
    })
  command
    .command('backup')
    .description('Write a whole copy of the store into a new file; whoever starts from it has to take over by name')
    .argument('<file>', 'where to; it must not exist yet')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  tiercel controller backup /var/backups/tiercel-2026-11-26.sqlite')
    .action(async (file: string, { config }: ConfigOption) => {
      const { atTheController } = await import('./at-the-controller.ts')
      const path = resolve(file)
      await atTheController(await readControllerConfig(config), {
        running: async (client) => void (await client.ask('backup', { body: { file: path } })),
        stopped: async (store) => store.backup(path),
      })
      output.write(`${path} holds a whole copy`)
    })
  command
    .command('key')
    .description('Print name, epoch and public key of this controller, as `tiercel agent grant` takes them on a host')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  tiercel controller key')
    .action(async ({ config }: ConfigOption) => {
      const { atTheController, mustRun } = await import('./at-the-controller.ts')
      const { readControllerKey } = await import('./controller-key.ts')
      const given = await readControllerConfig(config)
      const { publicKey } = await readControllerKey(controllerKeyFile(given))
      const { controller, epoch } = await atTheController(given, {
        running: async (client) => client.ask('whoami'),
        stopped: async (store) => (await store.identity.read()) ?? (await mustRun()),
      })
      output.write(`${controller} ${epoch} ${publicKey}`)
    })
  command
    .command('take-over')
    .description('Make this controller the one that all agents obey: after a restore, or in the place of another one')
    .option('--from <controllers...>', 'the controllers that it takes hosts from; stop them first', [])
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nExamples:\n  tiercel controller take-over\n  tiercel controller take-over --from n9-1f3a5b7c',
    )
    .action(async ({ config, from }: ConfigOption & { from: string[] }) => {
      const { atTheController, mustRun } = await import('./at-the-controller.ts')
      await atTheController(await readControllerConfig(config), {
        running: async (client) => {
          const { epoch, hosts } = await client.ask('takeOver', { body: { from } })
          output.write(`epoch ${epoch}`)
          for (const { host, says } of hosts) output.write(`  ${host}: ${says}`)
        },
        stopped: mustRun,
      })
    })
  command.addCommand(tokenCommand(output))
  command.addCommand(installCommand(output))
  return command
}

/** To the minute. */
const day = (instant: number | null): string => (instant === null ? '-' : new Date(instant).toISOString().slice(0, 16))

function tokenCommand(output: Output): Command {
  const command = new Command('token').description('Who may ask the controller what')
  command
    .command('create')
    .description('Make a token, and print it: this once')
    .argument('<name>', 'who it is for; what the audit calls them')
    .addOption(
      new Option('--role <role>', 'viewer reads; operator plans, runs, mutes; admin makes tokens and takes over')
        .choices(Role.options)
        .default('viewer'),
    )
    .option('--person <name>', 'whose it is, where it is one of several: a person agrees to nothing twice')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nExamples:\n  tiercel controller token create olga --role operator > olga.token\n  tiercel controller token create olga-ci --person olga > ci.token',
    )
    .action(async (name: string, { config, role, person }: ConfigOption & { role: Role; person?: string }) => {
      const { atTheController } = await import('./at-the-controller.ts')
      const { makeToken } = await import('./tokens.ts')
      const { systemClock } = await import('../adapters/system/clock.ts')
      const made = await atTheController(await readControllerConfig(config), {
        running: async (client) => (await client.ask('tokenCreate', { body: { name, person, role } })).token,
        stopped: async (store) =>
          store.transaction(async ({ tokens, audit }) => {
            const at = systemClock.now()
            const { token } = await makeToken(tokens, { name, person, role, at })
            const who = `uid ${process.getuid?.() ?? '?'} at the store`
            await audit.add({ at, who, what: 'controller token create', subject: name, outcome: `done: ${role}` })
            return token
          }),
      })
      output.write(made)
    })
  command
    .command('list')
    .description('The tokens: whose they are, which role, since when; not the tokens themselves')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  tiercel controller token list')
    .action(async ({ config }: ConfigOption) => {
      const { atTheController } = await import('./at-the-controller.ts')
      const tokens = await atTheController(await readControllerConfig(config), {
        running: async (client) => (await client.ask('tokens')).tokens,
        stopped: async (store) => store.tokens.list(),
      })
      output.write(
        [
          'NAME'.padEnd(20),
          'PERSON'.padEnd(20),
          'ROLE'.padEnd(9),
          'MADE'.padEnd(17),
          'USED'.padEnd(17),
          'REVOKED',
        ].join(' '),
      )
      for (const { name, person, role, createdAt, lastUsedAt, revokedAt } of tokens) {
        const cells = [
          name.padEnd(20),
          (person === '' ? 'not said' : person).padEnd(20),
          role.padEnd(9),
          day(createdAt).padEnd(17),
          day(lastUsedAt).padEnd(17),
        ]
        output.write([...cells, day(revokedAt)].join(' '))
      }
    })
  command
    .command('revoke')
    .description('Revoke a token: it opens nothing from now on')
    .argument('<name>', 'who it was for')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  tiercel controller token revoke olga')
    .action(async (name: string, { config }: ConfigOption) => {
      const { atTheController, mustRun } = await import('./at-the-controller.ts')
      await atTheController(await readControllerConfig(config), {
        running: async (client) => void (await client.ask('tokenRevoke', { params: { token: name } })),
        stopped: mustRun,
      })
      output.write(`the token of ${name} opens nothing any more`)
    })
  return command
}
