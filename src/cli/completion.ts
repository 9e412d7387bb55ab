import { Argument, Command } from 'commander'
import { bashReply, bashWords } from './bash-words.ts'
import { type Completion, completeWords, type NamesFor } from './complete-words.ts'
import { knownNames } from './completion-names.ts'
import { completionScripts, type Shell } from './completion-scripts.ts'
import type { Runbook } from './procedure-commands.ts'
import { printable, type Terminal } from './terminal.ts'

const shells = Object.keys(completionScripts)

export function completionCommand(terminal: Terminal): Command {
  return new Command('completion')
    .description('Print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText(
      'after',
      `
Names of hosts, stores, pools and codes come from the fleet file and from what was remembered, runs from the controller; no
host is contacted.

Examples:
  source <(tiercel completion bash)                                      in ~/.bashrc
  tiercel completion zsh > "\${fpath[1]}/_tiercel"                         once
  tiercel completion fish > ~/.config/fish/completions/tiercel.fish      once`,
    )
    .action((shell: Shell) => terminal.write(completionScripts[shell].trimEnd()))
}

/** What the scripts run. `bash` takes the line and bash's own idea of the last word; `words` takes the words. */
export function completeCommand(terminal: Terminal, { procedures }: Pick<Runbook, 'procedures'>): Command {
  const namesFor: NamesFor = async (place) =>
    place.kind === 'procedure'
      ? procedures.map(({ name, title }) => ({ value: name, description: title }))
      : knownNames(place)
  const command = new Command('complete')
    .description('Say which words fit (run by the completion scripts)')
    .addArgument(new Argument('<how>', 'bash: a line and its last word; words: the words').choices(['bash', 'words']))
    .argument('[words...]')
  return command.action(async (how: string, words: string[]) => {
    const root = command.parent ?? command
    const [line = '', current = ''] = words
    const typed = how === 'bash' ? bashWords(line) : []
    const last = typed.at(-1)
    const asked = how === 'bash' ? typed.slice(1).map(({ value }) => value) : words
    const found = await completeWords(root, asked, namesFor)
    for (const reply of replies(found)) {
      const [value = ''] = reply.split('\t', 1)
      terminal.write(
        how === 'bash' && last !== undefined && value !== ':files' ? bashReply(value, last, current) : reply,
      )
    }
  })
}

/** A line each; what would break a line, or steer the terminal, is no candidate. */
function replies(found: Completion): string[] {
  if (found === 'files') return [':files']
  return found
    .filter(({ value }) => value === printable(value))
    .map(({ value, description }) => (description === '' ? value : `${value}\t${printable(description)}`))
}
