import { join } from 'node:path'
import { Command } from 'commander'
import type { Output } from './output.ts'

/** `tiercel controller install`: shows, asks, and does it. */
export function installCommand(output: Output): Command {
  return new Command('install')
    .description('Show, then write what a controller needs here: user, file, unit; and start it')
    .option('--yes', 'do it without asking')
    .option('--dry-run', 'only show it')
    .addHelpText('after', '\nExample:\n  sudo tiercel controller install')
    .action(async (options: { yes?: true; dryRun?: true }) => {
      await install(options, output)
    })
}

async function install(options: { yes?: true; dryRun?: true }, output: Output): Promise<void> {
  const { createPrograms } = await import('../adapters/system/exec.ts')
  const { install: carryOut } = await import('../adapters/system/install.ts')
  const { planInstall } = await import('./install.ts')
  const launcher = join(import.meta.dirname, '../../bin/tiercel')
  const steps = await planInstall({ exec: createPrograms().exec, launcher })
  const isDone = await carryOut(steps, options, {
    write: (line) => output.write(line),
    needsRoot: {
      why: 'installing writes to /etc and starts a service: it needs root',
      how: 'sudo tiercel controller install',
    },
    byHand: {
      why: 'nothing was written: this machine was not started by systemd, which starts the controller',
      how: 'run it by hand: tiercel controller run --config FILE',
    },
  })
  if (!isDone) return
  output.write('Done. The first token lies in /var/lib/tiercel-controller/admin.token. Next, as root:')
  output.write('  tiercel controller token create NAME --role operator')
}
