import { Command, CommanderError } from 'commander'
import { agentCommand } from './agent/command.ts'
import { keepConnectionsCommand } from './cli/keep-connections.ts'
import { printableLines, systemTerminal } from './cli/terminal.ts'
import { controllerCommand } from './controller/command.ts'
import { explain, OpsError } from './domain/errors.ts'
import { executorCommand } from './executor/command.ts'

/** Bad input and what cannot be done: the status that monitoring reads as critical, and scripts as failure. */
const failed = 2

const terminal = systemTerminal()

/** Node would leave with 1, which monitoring reads as a mere warning. */
process.on('uncaughtException', (error) => {
  bug(error)
  process.exit(failed)
})

function bug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  terminal.error(printableLines(`tiercel: this should not have happened: ${text}`))
}

/** Processes start without what only operators need: on a slow host that is most of the start, and it stays in memory. */
const [, , first = ''] = process.argv
const isProcess = ['agent', 'executor', 'keep-connections', 'controller'].includes(first)
/** Procedures are loaded for those who name them: all others start faster. */
const needsRunbook =
  ['plan', 'run', 'procedures', 'help'].includes(first) ||
  (first === 'complete' && /\b(plan|run|procedures)\b/.test(process.argv.slice(3).join(' ')))

async function operatorProgram(): Promise<Command> {
  const { createProgram } = await import('./cli/program.ts')
  if (!needsRunbook) return createProgram(terminal, { first })
  const { localRunbook } = await import('./controller/local-runbook.ts')
  return createProgram(terminal, { first, runbook: localRunbook })
}

const program = isProcess ? new Command('tiercel') : await operatorProgram()
program.addCommand(agentCommand(terminal))
program.addCommand(executorCommand())
program.addCommand(controllerCommand(terminal))
program.addCommand(keepConnectionsCommand(), { hidden: true })
const withChildren = (command: Command): Command[] => [command, ...command.commands.flatMap(withChildren)]
for (const command of withChildren(program)) command.exitOverride()

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed it. Help and version are no failure; all else is a wrong call.
    process.exitCode = error.exitCode === 0 ? 0 : failed
  } else if (error instanceof OpsError) {
    terminal.error(printableLines(`tiercel: ${explain(error)}`))
    const hint = 'hint' in error ? error.hint : undefined
    if (typeof hint === 'string' && hint !== '') terminal.error(printableLines(`tiercel: ${hint}`))
    for (const line of 'details' in error && Array.isArray(error.details) ? error.details : [])
      terminal.error(printableLines(`  ${String(line)}`))
    process.exitCode = failed
  } else {
    bug(error)
    process.exitCode = failed
  }
}
// A program that cannot be killed must not keep us: whatever is still open now is not ours to wait for.
process.stdout.write('', () => process.exit())
