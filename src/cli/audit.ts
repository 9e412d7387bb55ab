import { Command, InvalidArgumentError, Option } from 'commander'
import { controllerOption, withController } from './find-controller.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { pageSize } from './page-size.ts'
import { json } from './runs.ts'
import { iso } from './times.ts'
import { printable, printableLines, table, type Terminal } from './terminal.ts'

interface AuditOptions extends FleetOption {
  json?: true
  verify?: true
  before?: number
  limit: number
}

/** `tiercel audit`: who changed what by the controller, and whether that was kept as it was written. */
export function auditCommand(terminal: Terminal): Command {
  return new Command('audit')
    .description('Who changed what, when, and how it went; newest first')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .addOption(new Option('--before <number>', 'the next page: the last number of this one').argParser(entryNumber))
    .addOption(new Option('--limit <count>', 'how many').argParser(pageSize).default(50))
    .option('--verify', 'read all of it, and say whether every entry is what was written')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Each entry holds a hash over itself and the one before: none can be changed or left out unseen. That the newest were cut off
shows by a hash that was noted elsewhere: --verify prints the newest.

Exit status: 0; 1 with --verify, where an entry is not what was written; 2 bad input, or it cannot be done.

Examples:
  tiercel audit
  tiercel audit --json | jq '.entries[] | select(.who == "olga")'
  tiercel audit --verify`,
    )
    .action(async (options: AuditOptions) => {
      process.exitCode = await withController(options, async (client) => {
        if (options.verify === true) {
          const found = await client.ask('auditVerify')
          if (options.json === true) terminal.write(json(found))
          else if (found.fault !== null) terminal.error(printableLines(`tiercel: the audit: ${found.fault.says}`))
          else
            terminal.write(
              `${found.entries} entries, each as it was written; hash of the newest: ${printable(found.hash ?? '-')}`,
            )
          return found.fault === null ? 0 : 1
        }
        const { before, limit } = options
        const page = await client.ask('audit', { query: { before, limit } })
        if (options.json === true) terminal.write(json(page))
        else if (page.entries.length === 0) terminal.write('nothing was changed yet')
        else {
          const rows = page.entries.map(({ sequence, at, who, what, subject, outcome }) =>
            [String(sequence), iso(at), who, what, subject, outcome].map(printable),
          )
          for (const line of table(['NUMBER', 'AT', 'WHO', 'WHAT', 'SUBJECT', 'OUTCOME'], rows)) terminal.write(line)
          if (page.next !== null) terminal.write(`older ones: tiercel audit --before ${page.next}`)
        }
        return 0
      })
    })
}

function entryNumber(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('the number of an entry, from 1')
  return number
}
