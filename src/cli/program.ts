import { Command } from 'commander'
import { tiercelVersion } from '../version.ts'
import { arcCommand } from './arc.ts'
import { completeCommand, completionCommand } from './completion.ts'
import { configCommand } from './config.ts'
import { healthCommand } from './health.ts'
import { initCommand } from './init.ts'
import { logsCommand } from './logs.ts'
import { iostatCommand } from './iostat.ts'
import { nounCommand } from './noun-command.ts'
import { nouns } from './nouns.ts'
import { peersGraphCommand } from './peers-graph.ts'
import { okToStopCommand } from './ok-to-stop.ts'
import { pinsCommand } from './pins.ts'
import { UsageError } from './errors.ts'
import { freezeCommand, unfreezeCommand } from './freeze.ts'
import { locksCommand } from './locks.ts'
import { planCommand } from './plan.ts'
import type { Runbook } from './procedure-commands.ts'
import { proceduresCommand } from './procedures.ts'
import { runCommand } from './run.ts'
import { runsCommand } from './runs.ts'
import type { Terminal } from './terminal.ts'

/** Procedures are many files; only the commands about them need them. */
const noRunbook: Runbook = {
  procedures: [],
  planDirectly: () => Promise.reject(new UsageError('procedures are not loaded for this command')),
}

/** The whole command line of operators; `src/main.ts` adds the processes of hosts. */
export function createProgram(terminal: Terminal, runbook: Runbook = noRunbook): Command {
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
  program.addCommand(healthCommand(terminal))
  for (const noun of nouns) {
    const command = nounCommand(noun, terminal)
    if (noun.plural === 'peers') command.addCommand(peersGraphCommand(terminal))
    program.addCommand(command)
  }
  program.addCommand(pinsCommand(terminal))
  program.addCommand(iostatCommand(terminal))
  program.addCommand(arcCommand(terminal))
  program.addCommand(okToStopCommand(terminal))
  program.addCommand(planCommand(terminal, runbook))
  program.addCommand(runCommand(terminal, runbook))
  program.addCommand(runsCommand(terminal))
  program.addCommand(locksCommand(terminal))
  program.addCommand(freezeCommand(terminal))
  program.addCommand(unfreezeCommand(terminal))
  program.addCommand(proceduresCommand(terminal, runbook))
  program.addCommand(initCommand(terminal))
  program.addCommand(logsCommand(terminal))
  program.addCommand(configCommand(terminal))
  program.addCommand(completionCommand(terminal))
  program.addCommand(completeCommand(terminal), { hidden: true })
  return program
}
