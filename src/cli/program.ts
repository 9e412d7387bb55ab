import { Command } from 'commander'
import { tiercelVersion } from '../version.ts'
import { Fleet } from '../domain/fleet.ts'
import { UsageError } from './errors.ts'
import type { Runbook } from './procedure-commands.ts'
import type { Terminal } from './terminal.ts'

/** Procedures are many files; only the commands about them need them. */
export const noRunbook: Runbook = {
  procedures: [],
  FleetFile: Fleet,
  planDirectly: () => Promise.reject(new UsageError('procedures are not loaded for this command')),
}

/** The headings of the help, in its order. */
export type HelpGroup = 'Look' | 'Change' | 'Set up'

/** Commands that are loaded together, and what they are called. */
interface Part {
  names: readonly string[]
  /** Under which heading of the help. */
  group?: HelpGroup
  load: (terminal: Terminal, runbook: Runbook) => Promise<Command[]>
  hidden?: true
  /** It speaks of procedures: `always`, or only `completed`, where their names are completed. */
  runbook?: 'always' | 'completed'
}

/** In the order of the help. Each is loaded by itself: a command does not wait for the files of all the others. */
export const parts: readonly Part[] = [
  {
    names: ['health'],
    group: 'Look',
    load: async (terminal) => [(await import('./health.ts')).healthCommand(terminal)],
  },
  { names: ['hosts', 'stores', 'peers', 'pools', 'disks', 'datasets'], group: 'Look', load: loadNouns },
  { names: ['pins'], group: 'Look', load: async (terminal) => [(await import('./pins.ts')).pinsCommand(terminal)] },
  {
    names: ['iostat'],
    group: 'Look',
    load: async (terminal) => [(await import('./iostat.ts')).iostatCommand(terminal)],
  },
  { names: ['arc'], group: 'Look', load: async (terminal) => [(await import('./arc.ts')).arcCommand(terminal)] },
  {
    names: ['ok-to-stop'],
    group: 'Look',
    load: async (terminal) => [(await import('./ok-to-stop.ts')).okToStopCommand(terminal)],
  },
  { names: ['logs'], group: 'Look', load: async (terminal) => [(await import('./logs.ts')).logsCommand(terminal)] },
  { names: ['audit'], group: 'Look', load: async (terminal) => [(await import('./audit.ts')).auditCommand(terminal)] },
  {
    names: ['plan'],
    group: 'Change',
    load: async (terminal, runbook) => [(await import('./plan.ts')).planCommand(terminal, runbook)],
    runbook: 'always',
  },
  {
    names: ['run'],
    group: 'Change',
    load: async (terminal, runbook) => [(await import('./run.ts')).runCommand(terminal, runbook)],
    runbook: 'always',
  },
  {
    names: ['runs'],
    group: 'Change',
    load: async (terminal) => [(await import('./runs.ts')).runsCommand(terminal)],
    runbook: 'completed',
  },
  {
    names: ['locks'],
    group: 'Change',
    load: async (terminal) => [(await import('./locks.ts')).locksCommand(terminal)],
  },
  { names: ['freeze', 'unfreeze'], group: 'Change', load: loadFreeze },
  {
    names: ['procedures'],
    group: 'Change',
    load: async (terminal, runbook) => [(await import('./procedures.ts')).proceduresCommand(terminal, runbook)],
    runbook: 'always',
  },
  { names: ['init'], group: 'Set up', load: async (terminal) => [(await import('./init.ts')).initCommand(terminal)] },
  {
    names: ['config'],
    group: 'Set up',
    load: async (terminal, runbook) => [(await import('./config.ts')).configCommand(terminal, runbook)],
    runbook: 'always',
  },
  {
    names: ['completion'],
    group: 'Set up',
    load: async (terminal) => [(await import('./completion.ts')).completionCommand(terminal)],
  },
  {
    names: ['complete'],
    load: async (terminal, runbook) => [(await import('./completion.ts')).completeCommand(terminal, runbook)],
    hidden: true,
  },
]

async function loadNouns(terminal: Terminal): Promise<Command[]> {
  const { nouns } = await import('./nouns.ts')
  const { nounCommand } = await import('./noun-command.ts')
  const { peersGraphCommand } = await import('./peers-graph.ts')
  return nouns.map((noun) => {
    const command = nounCommand(noun, terminal)
    if (noun.plural === 'peers') command.addCommand(peersGraphCommand(terminal))
    return command
  })
}

async function loadFreeze(terminal: Terminal): Promise<Command[]> {
  const { freezeCommand, unfreezeCommand } = await import('./freeze.ts')
  return [freezeCommand(terminal), unfreezeCommand(terminal)]
}

/** Whether a first word needs every command, to show or to complete it. */
export const needsAll = (first: string): boolean =>
  first === 'complete' || !parts.some(({ names }) => names.includes(first))

/** Whether procedures have to be loaded: all others start faster. `words`: what is to be completed, words or a whole line. */
export function needsRunbook(first: string, words: readonly string[]): boolean {
  if (first === 'help') return true
  if (first !== 'complete') return parts.some(({ names, runbook }) => runbook === 'always' && names.includes(first))
  const typed = new Set(words.flatMap((word) => word.split(/\s+/)))
  return parts.some(({ names, runbook }) => runbook !== undefined && names.some((name) => typed.has(name)))
}

/**
 * The command line of operators; `src/main.ts` adds the processes of hosts. `first`: the word that names the command, whose
 * files alone are loaded; anything else (help, an option, a word that is none) has all of them.
 */
export async function createProgram(
  terminal: Terminal,
  { first, runbook = noRunbook }: { first: string; runbook?: Runbook },
): Promise<Command> {
  const program = new Command('tiercel')
    .description('Operations for IPFS Cluster on tiered OpenZFS.')
    .version(tiercelVersion)
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Examples:
  tiercel init                        a first fleet file, from what is seen here
  tiercel health                      what is wrong, worst first
  tiercel health explain SCRUB_OVERDUE
  tiercel pools list --fleet tiercel.yaml
  tiercel pins --errors               pins that are not as they should be
  tiercel logs cluster kubo --errors --since 2h
  tiercel iostat --every 5s --disks   what pools and disks do now
  tiercel plan practice --host n1     what it would do, with every command; changes nothing
  tiercel run practice --host n1      shows it, asks, does it
  tiercel config check tiercel.yaml`,
    )
  for (const { names, load, hidden = false, group } of parts) {
    if (!needsAll(first) && !names.includes(first)) continue
    for (const command of await load(terminal, runbook)) {
      if (group !== undefined) command.helpGroup(`${group}:`)
      program.addCommand(command, { hidden })
    }
  }
  return program
}
