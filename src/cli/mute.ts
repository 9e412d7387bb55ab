import { Command, InvalidArgumentError } from 'commander'
import { didYouMean } from '../domain/nearest.ts'
import type { Finding } from '../domain/health/finding.ts'
import { judge } from '../domain/health/judge.ts'
import { type Mute, stateOf } from '../domain/health/mute.ts'
import { DurationText } from '../domain/text-units.ts'
import { days, type Duration, Instant, minutes } from '../domain/units.ts'
import { UsageError } from './errors.ts'
import { controllerOption } from './find-controller.ts'
import { openSeen } from './world.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { knownCodes } from './narrow-options.ts'
import { endedJson, endedText, muteJson } from './render-muted.ts'
import { systemUser } from './system-user.ts'
import { printable, printableJson, table, type Terminal } from './terminal.ts'
import { untilText } from './times.ts'

/** The options that `health` has too (--fleet, --json) are read by it, wherever they stand: hence optsWithGlobals. */
interface MuteOptions extends FleetOption {
  for: Duration
  reason: string
  planned?: true
  json?: true
}

/** A mute is for what somebody works on; what nobody will mend is a setting in the fleet file. */
const longest = days(90)

export function muteCommand(terminal: Terminal): Command {
  return new Command('mute')
    .description('Set a finding that you know of aside: shown apart, and not counted, until the mute ends')
    .argument('<code>', 'the code of the finding')
    .argument('[subject]', 'what it is about, as health shows it; without it, all that have the finding now')
    .requiredOption('--for <duration>', 'how long: 30m, 4h, 2d', parseLength)
    .requiredOption('--reason <text>', 'why; whoever looks next reads it', parseReason)
    .option('--planned', 'mute it before it comes (planned work); needs a subject')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--json', 'print the mute as JSON')
    .addHelpText(
      'after',
      `
A mute ends when its time is over, when the finding gets worse (more severe, or clearly more of what it counts), or when
it goes away. The controller keeps it, for all who look; without one, it is kept with you, in TIERCEL_STATE or
~/.local/state/tiercel, and others do not see it.

Examples:
  tiercel health mute POOL_DEGRADED n1/hot-tier --for 4h --reason 'new disk arrives at noon'
  tiercel health mute AGENT_UNREACHABLE n2 --planned --for 1h --reason 'kernel update'`,
    )
    .action(async (code: string, subject: string | undefined, _own: unknown, command: Command) => {
      const options = command.optsWithGlobals<MuteOptions>()
      const [known = code] = knownCodes([code])
      const { mutes, reader } = await openSeen(options, terminal)
      try {
        const { at, findings } = judge(await reader.look())
        const alike = findings.filter((finding) => finding.code === known && finding.severity !== 'ok')
        const covers = options.planned === true ? planned(alike, subject) : present(alike, known, subject)
        const mute = await mutes.add({
          code: known,
          ...(subject === undefined ? {} : { subject }),
          planned: options.planned === true,
          by: systemUser(),
          reason: options.reason,
          at,
          until: Instant.parse(at + options.for),
          covers: covers.map(stateOf),
        })
        tell(mute, terminal, options)
      } finally {
        await reader.close()
      }
    })
}

function tell(mute: Mute, terminal: Terminal, options: { json?: true }): void {
  if (options.json === true) {
    terminal.write(printableJson(JSON.stringify(muteJson(mute), undefined, 2)))
  } else {
    terminal.write(
      `${mute.id}: ${mute.code} is muted until ${untilText(mute.until, mute.at)}, or until it is worse or over`,
    )
    if (mute.planned && mute.covers.length === 0) terminal.write(`  ${printable(mute.subject ?? '')}: when it comes`)
    for (const { subject, severity } of mute.covers) terminal.write(`  ${printable(subject)}: ${severity}`)
  }
  const blind = mute.covers.filter(({ severity }) => severity === 'unknown')
  if (blind.length > 0) {
    terminal.error(
      `tiercel: warning: what is muted here is that something is not known (${printable(blind.map(({ subject }) => subject).join(', '))}): while the mute lasts, a good status says nothing about it`,
    )
  }
}

function present(alike: readonly Finding[], code: string, subject: string | undefined): Finding[] {
  const found = alike.filter((finding) => subject === undefined || finding.subject === subject)
  if (found.length > 0) return found
  const subjects = alike.map((finding) => finding.subject)
  if (subject === undefined || subjects.length === 0) {
    throw new UsageError(
      `there is no finding ${code}${subject === undefined ? '' : ` about ${subject}`} now; to mute it before it comes: --planned, with its subject`,
    )
  }
  throw new UsageError(
    `${code} is not found about ${subject}${didYouMean(subject, subjects)} It is about: ${subjects.slice(0, 20).join(', ')}${subjects.length > 20 ? ', …' : ''}`,
  )
}

function planned(alike: readonly Finding[], subject: string | undefined): Finding[] {
  if (subject === undefined) throw new UsageError('--planned needs a subject: what will have the finding')
  return alike.filter((finding) => finding.subject === subject)
}

export function mutesCommand(terminal: Terminal): Command {
  return new Command('mutes')
    .description('List what is muted: by whom, until when, why; and which mutes ended in the last 30 days')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--json', 'as JSON: { mutes, ended }')
    .addHelpText('after', '\nExample:\n  tiercel health mutes --json')
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<FleetOption & { json?: true }>()
      const seen = await openSeen(options, terminal)
      const { mutes, ended } = await seen.mutes.read()
      await seen.reader.close()
      if (options.json === true) {
        const found = { mutes: mutes.map(muteJson), ended: ended.map(endedJson) }
        terminal.write(printableJson(JSON.stringify(found, undefined, 2)))
        return
      }
      if (mutes.length === 0) terminal.write('nothing is muted')
      else
        for (const line of table(['ID', 'CODE', 'SUBJECT', 'UNTIL', 'BY', 'REASON'], mutes.map(cells)))
          terminal.write(line)
      if (ended.length > 0) terminal.write('\nended:')
      for (const each of ended.toReversed()) terminal.write(`  ${printable(endedText(each))}`)
    })
}

function cells({ id, code, subject, planned: isPlanned, covers, until, by, reason }: Mute): string[] {
  const subjects = subject ?? `${covers.length} ${covers.length === 1 ? 'subject' : 'subjects'}`
  const awaited = isPlanned && covers.length === 0 ? ' (planned)' : ''
  return [id, code, `${subjects}${awaited}`, untilText(until, now()), by, reason].map(printable)
}

export function unmuteCommand(terminal: Terminal): Command {
  return new Command('unmute')
    .description('End mutes: one by its id, or all of a code')
    .argument('<mute>', 'the id that `health mutes` shows, or a code')
    .argument('[subject]', 'with a code: only the mutes of this subject')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--json', 'as JSON: { unmuted }')
    .addHelpText('after', '\nExamples:\n  tiercel health unmute m3\n  tiercel health unmute POOL_DEGRADED n1/hot-tier')
    .action(async (which: string, subject: string | undefined, _own: unknown, command: Command) => {
      const options = command.optsWithGlobals<FleetOption & { json?: true }>()
      const { mutes } = await openSeen(options, terminal)
      const book = await mutes.read()
      const meant = book.mutes.filter(
        (mute) =>
          (mute.id === which || mute.code === which.toUpperCase()) &&
          (subject === undefined || mute.subject === subject),
      )
      if (meant.length === 0) {
        const known = book.mutes.map(
          ({ id, code, subject: about }) => `${id} (${code}${about === undefined ? '' : ` ${about}`})`,
        )
        throw new UsageError(
          `there is no mute ${which}${subject === undefined ? '' : ` of ${subject}`}; ${known.length === 0 ? 'nothing is muted' : `there are: ${known.join(', ')}`}`,
        )
      }
      await mutes.record(meant.map(({ id }) => ({ kind: 'ended', id, because: 'unmuted', at: now() })))
      if (options.json === true) {
        terminal.write(printableJson(JSON.stringify({ unmuted: meant.map(muteJson) }, undefined, 2)))
        return
      }
      for (const { id, code, subject: about } of meant)
        terminal.write(`${id}: ${code}${about === undefined ? '' : ` ${printable(about)}`} is not muted any more`)
    })
}

const now = (): Instant => Instant.parse(Date.now())

function parseLength(text: string): Duration {
  const read = DurationText.safeParse(text)
  if (!read.success) throw new InvalidArgumentError('A duration is a number and one of ms, s, m, h, d: 4h, 2d.')
  if (read.data < minutes(1) || read.data > longest) {
    throw new InvalidArgumentError(
      'At least 1m, at most 90d: what is never to be mended is a setting in the fleet file.',
    )
  }
  return read.data
}

function parseReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must say something.')
  return text.trim()
}
