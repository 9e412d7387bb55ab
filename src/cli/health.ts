import { Command, InvalidArgumentError, Option } from 'commander'
import { checks } from '../domain/health/checks/index.ts'
import { type Health, judge } from '../domain/health/judge.ts'
import { type Changes, changesSince, type LookBook, standingSince } from '../domain/health/looks.ts'
import { DurationText } from '../domain/text-units.ts'
import { type Duration, Instant, seconds } from '../domain/units.ts'
import { looksFile } from '../adapters/state/looks-file.ts'
import { stateFolder } from '../adapters/state/state-folder.ts'
import { wellIn } from '../domain/health/looked-at.ts'
import { matches, narrowed, tiersOf } from '../domain/health/narrow.ts'
import type { Looks } from '../domain/ports/looks.ts'
import type { Report } from '../domain/health/report.ts'
import { explain } from '../domain/errors.ts'
import { UsageError } from './errors.ts'
import { explainCheck } from './explain.ts'
import { muteCommand, mutesCommand, unmuteCommand } from './mute.ts'
import { addNarrowOptions, narrowFrom, type NarrowOptions } from './narrow-options.ts'
import { reportOn } from './report.ts'
import { headline, narrowingLine } from './health-lines.ts'
import { exitStatus, healthJson, renderLong, renderNagios } from './render-health.ts'
import { renderShort } from './render-short.ts'
import { renderWell } from './render-well.ts'
import { showCommand } from './show-finding.ts'
import { changesJson, renderChanges } from './render-changes.ts'
import { cut, printableLines, type Terminal } from './terminal.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { controllerOption } from './find-controller.ts'
import { openSeen } from './world.ts'
import { type Look, watch } from './watch.ts'

interface HealthOptions extends FleetOption, NarrowOptions {
  json?: true
  nagios?: true
  watch?: true
  long?: true
  all?: true
  since?: Instant
  every: Duration
}

export function healthCommand(terminal: Terminal): Command {
  const command = addNarrowOptions(new Command('health'))
    .description('What is wrong, how bad, on what evidence, what it endangers, and what to do')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option(
      '--json',
      'as JSON: { at, status, findings, totals, muted, endedMutes, warnings }; with --watch one document a line',
    )
    .option('--nagios', 'one line and counters, for Nagios, Icinga and their kin')
    .option('--since <when>', 'what has changed since: 1h, 2d, 2026-11-24T03:00Z', parseWhen)
    .option('--watch', 'look again and again, until Ctrl-C')
    .addOption(
      new Option('--every <duration>', 'how often with --watch: 5s, 1m')
        .argParser(parseDuration)
        .default(seconds(10), '10s'),
    )
    .option('--long', 'all that is known of each finding: evidence, what it endangers, what to do')
    .option('--all', 'show also what was looked at and is well, by host')
    .addHelpText(
      'after',
      `
Exit status: 0 ok, 1 warning, 2 critical (or bad input), 3 unknown: of what is shown, so without what is muted or
filtered away.

Examples:
  tiercel health                                this machine, or the fleet of ./tiercel.yaml
  tiercel health --fleet /etc/tiercel/tiercel.yaml --watch
  tiercel health --long                         with evidence, dangers and remedies in full
  tiercel health show POOL_DEGRADED             the same of one kind of finding
  tiercel health --json | jq '.findings[] | select(.severity == "critical")'
  tiercel health --since 12h                    what came, went, got worse or better
  tiercel health --host n1 --severity critical --severity unknown
  tiercel health mute SCRUB_OVERDUE n1/cold-tier --for 2d --reason 'after the resilver'
  tiercel health explain POOL_DEGRADED`,
    )
    .action(async (options: HealthOptions) => {
      if (options.json === true && options.nagios === true)
        throw new UsageError('--json and --nagios exclude each other')
      if (options.since !== undefined && (options.watch === true || options.nagios === true))
        throw new UsageError('--since goes with neither --watch nor --nagios')
      process.exitCode = await health(options, terminal)
    })
  command.addCommand(showCommand(terminal))
  command.addCommand(
    new Command('explain')
      .description('What a code means, what it endangers and what to do')
      .argument('<code>', 'POOL_DEGRADED, or any other code that health shows')
      .addHelpText('after', '\nExample:\n  tiercel health explain POOL_DEGRADED')
      .action((code: string) => {
        for (const line of explainCheck(code, checks, terminal.columns)) terminal.write(line)
      }),
  )
  for (const child of [muteCommand, mutesCommand, unmuteCommand]) command.addCommand(child(terminal))
  return command
}

async function health(options: HealthOptions, terminal: Terminal): Promise<number> {
  // Words beside a picture that is drawn in place would break it: they stand below it.
  const notes = new Set<string>()
  const isPicture = options.watch === true && options.json !== true && options.nagios !== true && terminal.isInteractive
  const told: Terminal = isPicture ? { ...terminal, error: (line) => void notes.add(line) } : terminal
  const { reader, file, mutes } = await openSeen(options, told)
  const looks = looksFile(stateFolder(file))
  const look = async () => {
    notes.clear()
    const view = await reader.look()
    const found = judge(view)
    const narrow = narrowFrom(options, view)
    const tiers = tiersOf(view)
    const before = await remembered(looks, found, options, told)
    const report = narrowed(await reportOn(found, mutes), narrow, tiers)
    const since = before === undefined ? undefined : standingSince(before, found.at)
    const well = options.all === true ? wellIn(view, found.findings) : []
    const said = [...notes]
    const lines: Look['lines'] = (screen) => [
      ...(options.long === true ? renderLong(report, screen) : renderShort(report, screen, { since })),
      ...renderWell(well, screen),
      ...said.map((note) => cut(note, screen.columns)),
    ]
    if (options.since === undefined || before === undefined) return { report, lines, changes: undefined }
    const changes = changesSince(before, found, options.since)
    const asked = changes.changes.filter(({ finding }) => matches(finding, narrow, tiers))
    return { report, lines, changes: { ...changes, changes: asked } }
  }
  try {
    if (options.watch === true) return await watch(look, options, terminal)
    const { report, lines, changes } = await look()
    if (options.json === true) {
      terminal.write(healthJson(report, changes === undefined ? {} : changesJson(changes)))
    } else if (options.nagios === true) {
      terminal.write(renderNagios(report))
    } else {
      for (const line of changes === undefined ? lines(terminal) : sinceLines(report, changes, terminal))
        terminal.write(line)
    }
    return exitStatus(report.status)
  } finally {
    await reader.close()
  }
}

/** What changed was asked for: of the rest, the headline tells, and what a good status does not say. */
function sinceLines(report: Report, changes: Changes, terminal: Terminal): string[] {
  const warnings = (report.warnings ?? []).map((text) => `warning: ${printableLines(text)}`)
  return [
    ...headline(report, terminal),
    ...narrowingLine(report),
    ...renderChanges(changes, report.at, terminal),
    ...warnings,
  ]
}

/** What is remembered from before this look. That it cannot be kept is worth a word, but no failure, unless it is asked for. */
async function remembered(
  looks: Looks,
  found: Health,
  options: HealthOptions,
  terminal: Terminal,
): Promise<LookBook | undefined> {
  try {
    return await looks.remember(found)
  } catch (error) {
    if (options.since !== undefined) throw error
    if (options.nagios !== true)
      terminal.error(`tiercel: this look is not remembered: ${printableLines(explain(error))}`)
    return undefined
  }
}

/** `1h`: so long ago. A time without a zone is UTC, as all times on our screens are. */
function parseWhen(text: string): Instant {
  const now = Date.now()
  const ago = DurationText.safeParse(text)
  const [, date, time = '00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? []
  const when = ago.success ? now - ago.data : Date.parse(`${date}T${time}${zone}`)
  if (Number.isNaN(when))
    throw new InvalidArgumentError('How long ago (30m, 12h, 2d), or a time in UTC (2026-11-24T03:00Z).')
  if (when > now) throw new InvalidArgumentError('That is in the future.')
  return Instant.parse(Math.round(when))
}

function parseDuration(text: string): Duration {
  const read = DurationText.safeParse(text)
  if (!read.success) throw new InvalidArgumentError('A duration is a number and one of ms, s, m, h, d: 5s, 1m.')
  if (read.data < seconds(1)) throw new InvalidArgumentError('At least 1s.')
  return read.data
}
