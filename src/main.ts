import { Command, CommanderError } from 'commander'
import { fitHelp } from './cli/fit-help.ts'
import { printableLines, systemTerminal } from './cli/terminal.ts'
import { explain, OpsError } from './domain/errors.ts'

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

const [, , first = ''] = process.argv

/** The processes and what is done beside them on their host, in the order of the help. */
const processes = [
  { name: 'agent', load: async () => (await import('./agent/command.ts')).agentCommand(terminal) },
  { name: 'executor', load: async () => (await import('./executor/command.ts')).executorCommand() },
  { name: 'controller', load: async () => (await import('./controller/command.ts')).controllerCommand(terminal) },
  {
    name: 'keep-connections',
    load: async () => (await import('./cli/keep-connections.ts')).keepConnectionsCommand(),
    hidden: true,
  },
]

/** A process starts without what only operators need: on a slow host that is most of the start, and it stays in memory. */
async function loadProgram(): Promise<Command> {
  const named = processes.find(({ name }) => name === first)
  if (named !== undefined)
    return new Command('tiercel').addCommand(await named.load(), { hidden: named.hidden ?? false })
  const { createProgram, needsAll, needsRunbook, noRunbook } = await import('./cli/program.ts')
  const isNamed = needsRunbook(first, process.argv.slice(3))
  const runbook = isNamed ? (await import('./controller/local-runbook.ts')).localRunbook : noRunbook
  const program = await createProgram(terminal, { first, runbook })
  if (needsAll(first)) {
    for (const { load, hidden = false } of processes) {
      program.addCommand((await load()).helpGroup('Set up:'), { hidden })
    }
  }
  return program
}

const program = await loadProgram()
const withChildren = (command: Command): Command[] => [command, ...command.commands.flatMap(withChildren)]
for (const command of withChildren(program)) fitHelp(command.exitOverride(), terminal)

/** A monitoring plugin always says one line, and what it cannot know is unknown: an empty CRITICAL would tell of the fleet. */
const speaksForMonitoring = process.argv.includes('--nagios')
const unknown = 3

function tellMonitoring(error: unknown): void {
  const [line = ''] = explain(error)
    .replace(/^error: /, '')
    .split('\n')
  terminal.write(`TIERCEL UNKNOWN - ${printableLines(line).replaceAll('|', '/')}`)
  process.exitCode = unknown
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed it. Help and version are no failure; all else is a wrong call.
    process.exitCode = error.exitCode === 0 ? 0 : failed
    if (speaksForMonitoring && error.exitCode !== 0) tellMonitoring(error)
  } else if (error instanceof OpsError) {
    terminal.error(printableLines(`tiercel: ${explain(error)}`))
    const hint = 'hint' in error ? error.hint : undefined
    if (typeof hint === 'string' && hint !== '') terminal.error(printableLines(`tiercel: ${hint}`))
    for (const line of 'details' in error && Array.isArray(error.details) ? error.details : [])
      terminal.error(printableLines(`  ${String(line)}`))
    process.exitCode = failed
    if (speaksForMonitoring) tellMonitoring(error)
  } else {
    bug(error)
    process.exitCode = failed
    if (speaksForMonitoring) tellMonitoring(error)
  }
}
// A program that cannot be killed must not keep us: whatever is still open now is not ours to wait for.
// What could not be written is told by the terminal, which hears of it later than this does.
process.stdout.write('', (error) => {
  if (error) setImmediate(() => process.exit(failed))
  else process.exit()
})
