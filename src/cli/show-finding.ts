import { Command } from 'commander'
import { judge } from '../domain/health/judge.ts'
import { narrowed, tiersOf } from '../domain/health/narrow.ts'
import { controllerOption } from './find-controller.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { known, knownCodes } from './narrow-options.ts'
import { exitStatus, renderFinding } from './render-health.ts'
import { reportOn } from './report.ts'
import type { Terminal } from './terminal.ts'
import { openSeen } from './world.ts'

/** `tiercel health show CODE [SUBJECT]`: all that is known of findings of one kind, or of one of them. */
export function showCommand(terminal: Terminal): Command {
  return new Command('show')
    .description('All that is known of one kind of finding, or of one finding')
    .argument('<code>', 'POOL_DEGRADED, or any other code that health shows')
    .argument('[subject]', 'only this one: n1/hot-tier')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .addHelpText(
      'after',
      `
Exit status: 0 there is none (or an info), 1 warning, 2 critical (or bad input), 3 unknown: the worst of what is shown.

Examples:
  tiercel health show POOL_DEGRADED
  tiercel health show DISK_ERRORS n1/hot-tier/sda`,
    )
    .action(async (word: string, subject: string | undefined, options: FleetOption) => {
      const [code = ''] = knownCodes([word])
      const { reader, mutes } = await openSeen(options, terminal)
      try {
        const view = await reader.look()
        const report = await reportOn(judge(view), mutes)
        const only = { hosts: [], tiers: [], codes: [code], severities: [] }
        const { findings, muted = [] } = narrowed(report, only, tiersOf(view))
        const all = [...findings, ...muted.map(({ finding }) => finding)]
        if (subject !== undefined)
          known(
            'finding of that code on',
            [subject],
            all.map((one) => one.subject),
          )
        const shown = all.filter((one) => subject === undefined || one.subject === subject)
        if (shown.length === 0) terminal.write(`No finding ${code} now. What it is: tiercel health explain ${code}`)
        for (const finding of shown) {
          for (const line of renderFinding(finding, report.at, terminal)) terminal.write(line)
        }
        for (const { finding, mute } of muted) {
          if (shown.includes(finding)) terminal.write(`  muted by ${mute.by}: tiercel health mutes`)
        }
        process.exitCode = Math.max(0, ...shown.map(({ severity }) => exitStatus(severity)))
      } finally {
        await reader.close()
      }
    })
}
