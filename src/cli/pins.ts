import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import type { FleetView } from '../domain/health/view.ts'
import { explain } from '../domain/errors.ts'
import { comparePinsets, type Comparison } from '../domain/pins/compare.ts'
import { type PinsOfStore, pinsOfFleet } from '../domain/pins/pins-of-fleet.ts'
import type { PinException, PinExceptionKind } from '../domain/pins/pinset-summary.ts'
import { age } from '../domain/units.ts'
import type { FleetReader } from '../observe/fleet-reader.ts'
import { UsageError } from './errors.ts'
import { controllerOption } from './find-controller.ts'
import { openSeen } from './world.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { exitStatus } from './render-health.ts'
import { comparisonLines, exceptionLines, pinLines, totalsLines } from './render-pins.ts'
import { printable, printableJson, type Terminal } from './terminal.ts'

interface PinsOptions extends FleetOption {
  json?: true
  errors?: true
  orphans?: true
  diverged?: true
  most: number
}

const inTrouble: readonly PinExceptionKind[] = ['in-error', 'unexpectedly-unpinned', 'incomplete', 'not-pinned']

/** What is on its way between two peers arrives in this time, mostly; the indexes have seen it differ before. */
const betweenLooksMs = 5000

export function pinsCommand(terminal: Terminal): Command {
  const command = new Command('pins').description(
    'The pins of every store: how many, in which state, which are in trouble, on which peers disagree',
  )
  command
    .command('list', { isDefault: true })
    .description('Totals, by state and by peer; or the pins in trouble, orphaned, or diverged')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--errors', 'the pins that are not as they should be, with reason and for how long')
    .option('--orphans', 'what a Kubo has pinned and the Cluster does not give to it')
    .option('--diverged', 'the pins on which the peers of a cluster disagree, with both sides; asks the peers, twice')
    .option('--most <count>', 'how many pins to show, of each store or cluster', wholeNumber, 1000)
    .option('--json', 'as JSON, with everything that is known')
    .addHelpText(
      'after',
      `
Figures are from the pin index of each store, which the agent reads from the lists of its own peer now and then: each shows its age.
Exit status: 0 nothing found, 1 pins in trouble or diverged, 2 bad input, 3 not all could be seen.

Examples:
  tiercel pins
  tiercel pins --errors
  tiercel pins --diverged --json
  tiercel pins show bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi
  tiercel pins refresh --now`,
    )
    .action(async (options: PinsOptions) => {
      const asked = [options.errors, options.orphans, options.diverged].filter((one) => one === true)
      if (asked.length > 1) throw new UsageError('--errors, --orphans and --diverged exclude each other')
      await withFleet(options, terminal, async ({ reader, view, stores }) => {
        if (options.diverged === true) return diverged({ reader, view, stores }, options, terminal)
        if (options.errors === true) return listed({ reader, view, stores }, inTrouble, options, terminal)
        if (options.orphans === true) return listed({ reader, view, stores }, ['orphan'], options, terminal)
        write(terminal, options, stores, () => totalsLines(stores))
        return 0
      })
    })
  command
    .command('show')
    .description('One pin, as every store has it: in its index, and as its peer says now')
    .argument('<cid>', 'the CID, as lists show it')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  tiercel pins show bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi')
    .action(async (cid: string, options: PinsOptions) => {
      if (!/^[A-Za-z0-9]{7,4096}$/.test(cid)) {
        throw new UsageError(`${printable(cid.slice(0, 100))} is no CID: letters and digits, such as bafy… or Qm…`)
      }
      await withFleet(options, terminal, async ({ reader, stores }) => {
        const found = await Promise.all(
          stores.map(async ({ store, host, name }) => {
            const index = reader.pins(host, name)
            const [indexed, now] = await Promise.allSettled([index.pin(cid), index.allocation(cid)])
            const error = [indexed, now].find((result) => result.status === 'rejected')?.reason as unknown // "as": any
            return {
              store,
              indexed: indexed.status === 'fulfilled' ? (indexed.value ?? null) : undefined,
              now: now.status === 'fulfilled' ? (now.value ?? null) : undefined,
              ...(error === undefined ? {} : { error: explain(error) }),
            }
          }),
        )
        write(terminal, options, { cid, stores: found }, () => pinLines(cid, found))
        return found.some(({ error }) => error !== undefined) ? exitStatus('unknown') : 0
      })
    })
  command
    .command('refresh')
    .description('Read the lists of every peer anew, at once and at full speed')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--now', 'do it: at a million pins, each peer is busy with it for more than a minute')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  tiercel pins refresh --now')
    .action(async (options: PinsOptions & { now?: true }) => {
      if (options.now !== true) {
        throw new UsageError(
          'agents read the lists by themselves, with a bounded share of their peers’ time (pinIndex.share in agent.yaml); to read them at once and at full speed: tiercel pins refresh --now',
        )
      }
      await withFleet(
        options,
        terminal,
        async ({ reader, stores }) => {
          let status = 0
          const refreshed = await Promise.all(
            stores.map(async ({ store, host, name }) => {
              try {
                return { store, summary: await reader.pins(host, name).refresh() }
              } catch (error) {
                status = exitStatus('unknown')
                return { store, error: explain(error) }
              }
            }),
          )
          write(terminal, options, refreshed, () =>
            refreshed.map((one) =>
              'error' in one
                ? `${one.store}  not read: ${printable(one.error)}`
                : `${one.store}  ${one.summary.pins} pins, read in ${Math.round(one.summary.took / 100) / 10} s`,
            ),
          )
          return status
        },
        { quiet: true },
      )
    })
  return command
}

interface Seen {
  reader: FleetReader
  view: FleetView
  stores: readonly PinsOfStore[]
}

/** Looks once, does what is asked, and sets the exit status: 3 where not all could be seen, unless it is worse. */
async function withFleet(
  options: FleetOption,
  terminal: Terminal,
  run: (seen: Seen) => Promise<number>,
  { quiet = false } = {},
): Promise<void> {
  const { reader } = await openSeen(options, terminal)
  try {
    const view = await reader.look()
    let unseen = 0
    for (const { declaration, contact } of view.hosts) {
      if (contact.state === 'answered') continue
      terminal.error(`tiercel: ${declaration.name} did not answer, so this is not all: ${printable(contact.error)}`)
      unseen = exitStatus('unknown')
    }
    const stores = await Promise.all(pinsOfFleet(view).map((store) => asNow(reader, store)))
    for (const { store, trouble } of stores) {
      if (trouble === undefined || quiet) continue
      terminal.error(`tiercel: ${store}: ${printable(trouble)}`)
      unseen = exitStatus('unknown')
    }
    const status = await run({ reader, view, stores })
    process.exitCode = Math.max(unseen, status)
  } finally {
    await reader.close()
  }
}

/** What an agent has looked at last is some seconds old; its index may have been made anew since. */
async function asNow(reader: FleetReader, store: PinsOfStore): Promise<PinsOfStore> {
  if (!store.isKept) return store
  try {
    const summary = await reader.pins(store.host, store.name).summary()
    return { ...store, summary, age: age(summary.readAt, store.now), trouble: undefined }
  } catch (error) {
    return { ...store, trouble: explain(error) }
  }
}

async function listed(
  { reader, stores }: Seen,
  kinds: readonly PinExceptionKind[],
  options: PinsOptions,
  terminal: Terminal,
): Promise<number> {
  const found: { store: string; age: number | null; exceptions: PinException[]; count: number }[] = []
  for (const { store, host, name, summary, age: old } of stores) {
    const count = kinds.reduce((sum, kind) => sum + (summary?.exceptions[kind]?.count ?? 0), 0)
    if (count === 0) continue
    const exceptions: PinException[] = []
    for (const kind of kinds) {
      for await (const exception of reader.pins(host, name).exceptions(kind)) {
        if (exceptions.length === options.most) break
        exceptions.push(exception)
      }
    }
    found.push({ store, age: old ?? null, exceptions, count })
  }
  write(terminal, options, found, () => exceptionLines(found, stores))
  return found.length === 0 ? 0 : exitStatus('warning')
}

async function diverged({ reader, stores }: Seen, options: PinsOptions, terminal: Terminal): Promise<number> {
  const compared: { cluster: string; comparison: Comparison }[] = []
  for (const [cluster, members] of Map.groupBy(stores, (store) => store.cluster)) {
    const peers = members
      .filter(({ summary, trouble }) => summary !== undefined && trouble === undefined)
      .map(({ store, host, name }) => ({ name: store, index: reader.pins(host, name) }))
    const comparison = await comparePinsets(peers, {
      most: options.most,
      settle: async () => sleep(betweenLooksMs),
    })
    compared.push({ cluster, comparison })
  }
  write(terminal, options, compared, () =>
    compared.flatMap(({ cluster, comparison }) => comparisonLines(cluster, comparison, stores)),
  )
  const isFound = compared.some(({ comparison }) => comparison.divergences.length > 0 || comparison.isCut)
  return isFound ? exitStatus('warning') : 0
}

function write(terminal: Terminal, options: { json?: true }, value: unknown, lines: () => string[]): void {
  if (options.json === true) terminal.write(printableJson(JSON.stringify(value, undefined, 2)))
  else for (const line of lines()) terminal.write(line)
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('A number from 1 to 999999.')
  return Number(text)
}
