import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { NotPermitted, OpsError } from '../domain/errors.ts'
import type { Output } from './output.ts'

/** The operator did not say yes. */
class NotConfirmed extends OpsError {
  readonly remedy = 'ask'
}

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
  const { planInstall } = await import('./install.ts')
  const launcher = join(import.meta.dirname, '../../bin/tiercel')
  const steps = await planInstall({ exec: createPrograms().exec, launcher })
  for (const [index, { title, detail }] of steps.entries()) {
    output.write(`${index + 1}. ${title}`)
    for (const line of detail.trimEnd().split('\n')) output.write(`     ${line}`)
  }
  if (options.dryRun === true) return
  if (process.getuid?.() !== 0) {
    throw new NotPermitted(
      'installing writes to /etc and starts a service: it needs root',
      'sudo tiercel controller install',
    )
  }
  // sd_booted(3). Found out only at the last steps, it would leave an account and files behind.
  if (!existsSync('/run/systemd/system')) {
    throw new NotPermitted(
      'nothing was written: this machine was not started by systemd, which starts the controller',
      'run it by hand: tiercel controller run --config FILE',
    )
  }
  if (options.yes !== true) await confirm()
  for (const [index, step] of steps.entries()) {
    output.write(`${index + 1}/${steps.length} ${step.title}`)
    await step.run()
  }
  output.write('Done. The first token lies in /var/lib/tiercel-controller/admin.token. Next, as root:')
  output.write('  tiercel controller token create NAME --role operator')
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
