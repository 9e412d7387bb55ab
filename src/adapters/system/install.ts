import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { NotPermitted, OpsError } from '../../domain/errors.ts'

/** One thing that an installation does; what is already as it should be is left alone. */
export interface InstallStep {
  title: string
  /** What is written or run, for the eyes of whoever decides. */
  detail: string
  run(): Promise<void>
}

/** The operator did not say yes. */
class NotConfirmed extends OpsError {
  readonly remedy = 'ask'
}

/** Shows all steps; does them where root asks for it on a machine with systemd, and says yes. False for a dry run. */
export async function install(
  steps: readonly InstallStep[],
  options: { yes?: true; dryRun?: true },
  {
    write,
    warnings = [],
    needsRoot,
    byHand,
  }: {
    write: (line: string) => void
    /** Shown behind the steps. */
    warnings?: readonly (() => void)[]
    needsRoot: { why: string; how: string }
    /** Without systemd. */
    byHand: { why: string; how: string }
  },
): Promise<boolean> {
  for (const [index, { title, detail }] of steps.entries()) {
    write(`${index + 1}. ${title}`)
    for (const line of detail.trimEnd().split('\n')) write(`     ${line}`)
  }
  for (const warn of warnings) warn()
  if (options.dryRun === true) return false
  if (process.getuid?.() !== 0) throw new NotPermitted(needsRoot.why, needsRoot.how)
  // sd_booted(3). Found out only at the last steps, it would leave an account and files behind.
  if (!existsSync('/run/systemd/system')) throw new NotPermitted(byHand.why, byHand.how)
  if (options.yes !== true) await confirm()
  for (const [index, step] of steps.entries()) {
    write(`${index + 1}/${steps.length} ${step.title}`)
    await step.run()
  }
  return true
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

/** The path of a program as systemd.service(5) takes it: in quotes, % doubled; $ stands for itself there (252, seen). */
export const unitPath = (path: string): string =>
  `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`
