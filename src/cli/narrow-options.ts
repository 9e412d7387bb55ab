import { type Command, Option } from 'commander'
import { didYouMean } from '../domain/nearest.ts'
import { type Severity, severities } from '../domain/health/finding.ts'
import { checks } from '../domain/health/checks/index.ts'
import { type Narrow, tiersOf } from '../domain/health/narrow.ts'
import type { FleetView } from '../domain/health/view.ts'
import { UsageError } from './errors.ts'

/** What the four options give, each as often as it was said. */
export interface NarrowOptions {
  host?: string[]
  tier?: string[]
  code?: string[]
  severity?: string[]
}

export const repeatable = (flags: string, description: string): Option =>
  new Option(flags, `${description} (repeatable)`).argParser((value: string, before: string[] | undefined) => [
    ...(before ?? []),
    value,
  ])

export function addNarrowOptions(command: Command): Command {
  return command
    .addOption(repeatable('--host <host>', 'only what concerns this host'))
    .addOption(repeatable('--tier <tier>', 'only stores of this tier, and what concerns their hosts as a whole'))
    .addOption(repeatable('--code <code>', 'only findings with this code'))
    .addOption(repeatable('--severity <severity>', `only findings this bad: ${severities.join(', ')}`))
}

/** What is asked for, with each name looked up: a name that does not exist would look like a fleet that is well. */
export function narrowFrom(options: NarrowOptions, view: FleetView): Narrow {
  const tiers = new Set([
    ...view.fleet.tiers.map(({ name }) => name),
    ...[...tiersOf(view).values()].flatMap((some) => [...some]),
  ])
  const severity = known('severity', (options.severity ?? []).map(lower), severities)
  return {
    hosts: known(
      'host',
      options.host,
      view.hosts.map(({ declaration }) => declaration.name),
    ),
    tiers: known('tier', options.tier, [...tiers]),
    codes: knownCodes(options.code),
    severities: severities.filter((each: Severity) => severity.includes(each)),
  }
}

export const knownCodes = (asked: readonly string[] | undefined): string[] =>
  known(
    'code',
    asked?.map((code) => code.toUpperCase()),
    checks.map(({ code }) => code),
  )

const lower = (text: string): string => text.toLowerCase()

export function known(word: string, asked: readonly string[] = [], all: readonly string[]): string[] {
  for (const name of asked) {
    if (all.includes(name)) continue
    const shown = all.slice(0, 40).join(', ')
    throw new UsageError(
      `there is no ${word} ${name}${didYouMean(name, all)} ${all.length === 0 ? `No ${word} is known.` : `Known: ${shown}${all.length > 40 ? ', …' : ''}`}`,
    )
  }
  return [...asked]
}
