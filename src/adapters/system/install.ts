import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { commandText } from '../../domain/command-text.ts'
import { NotPermitted, OpsError } from '../../domain/errors.ts'
import { minutes } from '../../domain/units.ts'
import { CommandFailed, type Exec } from './exec.ts'

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

/** A step that runs a program. */
export const commandStep = (exec: Exec, title: string, file: string, args: string[]): InstallStep => ({
  title,
  detail: commandText(file, args),
  run: async () => void (await exec(file, args, { deadline: minutes(5) })),
})

/** Whether a program finds what it is asked for; `absent` is its exit status when it does not. */
export async function isThere(exec: Exec, file: string, args: readonly string[], absent: number): Promise<boolean> {
  try {
    await exec(file, args)
    return true
  } catch (error) {
    if (error instanceof CommandFailed && error.exitCode === absent) return false
    throw error
  }
}

/** Never half a file: written beside, then renamed. It is root's, where root writes it. */
export function writeWhole(path: string, text: string, { mode, group = 0 }: { mode: number; group?: number }): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  const beside = `${path}.new`
  writeFileSync(beside, text, { mode: 0o600 })
  if (process.getuid?.() === 0) chownSync(beside, 0, group)
  chmodSync(beside, mode)
  renameSync(beside, path)
}

/** The path of a program as systemd.service(5) takes it: in quotes, % doubled; $ stands for itself there (252, seen). */
export const unitPath = (path: string): string =>
  `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`
