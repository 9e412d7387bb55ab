import { Command } from 'commander'
import { didYouMean } from '../domain/nearest.ts'
import { UsageError } from './errors.ts'
import { inputFlags } from './input-flags.ts'
import type { Runbook } from './procedure-commands.ts'
import { printableJson, table, type Terminal, wrap } from './terminal.ts'

/** `tiercel procedures`: what can be planned and run. */
export function proceduresCommand(terminal: Terminal, { procedures }: Pick<Runbook, 'procedures'>): Command {
  const command = new Command('procedures').description('What can be planned and run: the runbook')
  command
    .command('list', { isDefault: true })
    .description('List the procedures')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  tiercel procedures list')
    .action((options: { json?: true }) => {
      if (options.json === true) {
        terminal.write(printableJson(JSON.stringify(procedures, undefined, 2)))
        return
      }
      const rows = procedures.map(({ name, class: runClass, title }) => [name, runClass, title])
      for (const line of table(['PROCEDURE', 'CLASS', 'WHAT IT DOES'], rows)) terminal.write(line)
    })
  command
    .command('show')
    .description('What one procedure does, and what it is given')
    .argument('<procedure>', 'its name')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  tiercel procedures show practice')
    .action((name: string, options: { json?: true }) => {
      const found = procedures.find((each) => each.name === name)
      if (found === undefined) {
        const names = procedures.map((each) => each.name)
        throw new UsageError(`there is no procedure ${name}${didYouMean(name, names)} There are: ${names.join(', ')}`)
      }
      if (options.json === true) {
        terminal.write(printableJson(JSON.stringify(found, undefined, 2)))
        return
      }
      terminal.write(`${found.title}  (${found.name}, class ${found.class})`)
      terminal.write('')
      for (const line of wrap(found.about, terminal.columns)) terminal.write(line)
      terminal.write('')
      const flags = inputFlags(found.input)
      const width = Math.max(0, ...flags.map((each) => each.flags.length))
      for (const { flags: text, description } of flags) terminal.write(`  ${text.padEnd(width)}  ${description}`)
      terminal.write('')
      terminal.write(`  tiercel plan ${found.name} …    what it would do now; more: tiercel plan ${found.name} --help`)
    })
  return command
}
