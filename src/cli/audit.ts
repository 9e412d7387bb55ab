import { Command, InvalidArgumentError, Option } from 'commander'
import { verifyExports } from '../adapters/store/verify-exports.ts'
import type { ControllerClient } from '../adapters/controller/client.ts'
import type { AnswerOf } from '../api/operator.ts'
import { exportText } from '../domain/audit-export.ts'
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
  const command = new Command('audit')
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
shows by a hash that was noted elsewhere: --verify prints the newest. What is older than the controller's file says (keep.audit)
was written into files beside its store and cut: the chain goes on from the last of them.

Exit status: 0; 1 with --verify, where an entry is not what was written; 2 bad input, or it cannot be done.

Examples:
  tiercel audit
  tiercel audit --json | jq '.entries[] | select(.who == "olga")'
  tiercel audit --verify
  tiercel audit export > audit.jsonl
  tiercel audit verify-export audit-*.jsonl`,
    )
    .action(async (options: AuditOptions) => {
      process.exitCode = await withController(options, async (client) => {
        if (options.verify === true) {
          const found = await client.ask('auditVerify')
          if (options.json === true) terminal.write(json(found))
          else if (found.fault !== null) terminal.error(printableLines(`tiercel: the audit: ${found.fault.says}`))
          else
            terminal.write(
              `${found.entries} entries, each as it was written; hash of the newest: ${printable(found.hash ?? '-')}${found.cut.sequence === 0 ? '' : `; entries up to ${found.cut.sequence} were cut, the last with the hash ${printable(found.cut.hash)}`}`,
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
  command
    .command('export')
    .description('All that is there, oldest first, as lines of JSON that verify-export reads')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .addHelpText('after', '\nExample:\n  tiercel audit export > audit.jsonl')
    .action(async (_options: FleetOption, self: Command) => {
      // Also what stands before the word export.
      await withController(self.optsWithGlobals(), async (client) => exportAll(client, terminal))
    })
  command
    .command('verify-export')
    .description('Whether exports, one after the other, are as they were written; needs no controller')
    .argument('<files...>', 'in the order of their entries')
    .addHelpText('after', '\nExample:\n  tiercel audit verify-export /var/lib/tiercel-controller/audit/*.jsonl')
    .action(async (files: string[]) => {
      const found = await verifyExports(files)
      if (found.fault === null)
        terminal.write(
          `entries ${found.from} to ${found.to}, each as it was written; hash of the newest: ${found.hash}`,
        )
      else terminal.error(printableLines(`tiercel: ${found.fault}`))
      process.exitCode = found.fault === null ? 0 : 1
    })
  return command
}

/** Page after page; what is added meanwhile is in it. */
async function exportAll(client: ControllerClient, terminal: Terminal): Promise<void> {
  const { cut } = await client.ask('audit', { query: { after: 0, limit: 1 } })
  terminal.write(exportText(cut, []).trimEnd())
  for (let after: number | null = cut.sequence; after !== null;) {
    const page: AnswerOf<'audit'> = await client.ask('audit', { query: { after, limit: 500 } })
    for (const entry of page.entries) terminal.write(JSON.stringify(entry))
    after = page.next
  }
}

function entryNumber(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('the number of an entry, from 1')
  return number
}
