import { Command } from 'commander'
import { stringify } from 'yaml'
import { didYouMean } from '../domain/nearest.ts'
import { answered, type FleetView } from '../domain/health/view.ts'
import { UsageError } from './errors.ts'
import { controllerOption } from './find-controller.ts'
import { openSeen } from './world.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import type { Item, Noun } from './inventory.ts'
import { exitStatus } from './render-health.ts'
import { printable, printableJson, table, type Terminal } from './terminal.ts'

interface NounOptions extends FleetOption {
  json?: true
}

/** `tiercel pools list`, `tiercel pools show n1/hot-tier`, and the same for every noun. */
export function nounCommand(noun: Noun, terminal: Terminal): Command {
  const command = new Command(noun.plural).description(`List ${noun.description}`)
  command
    .command('list', { isDefault: true })
    .description(`List ${noun.description}`)
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--json', 'as a JSON array, with everything that is known')
    .addHelpText('after', `\nExample:\n  tiercel ${noun.plural} list --json`)
    .action(async (options: NounOptions) => {
      const view = await lookOnce(options, terminal)
      const items = noun.items(view)
      if (options.json === true) {
        const details = items.map(({ detail }) => detail)
        terminal.write(printableJson(JSON.stringify(details, undefined, 2)))
      } else {
        for (const line of table(
          noun.header,
          items.map(({ cells }) => cells.map(printable)),
        ))
          terminal.write(line)
      }
      process.exitCode = tellMissing(noun, view, terminal)
    })
  command
    .command('show')
    .description(`Show everything that is known of one ${noun.singular}`)
    .argument('<name>', `as the list shows it: ${noun.example}; a part that is unique will do`)
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExample:\n  tiercel ${noun.plural} show ${noun.example}`)
    .action(async (name: string, options: NounOptions) => {
      const view = await lookOnce(options, terminal)
      const silent = tellMissing(noun, view, terminal)
      const found = find(noun, noun.items(view), name)
      if (found instanceof UsageError) {
        // With a host silent, what is not found may be there: that is not known, and no wrong call.
        if (silent === 0) throw found
        terminal.error(printable(`tiercel: ${found.message}`))
      } else {
        const { detail } = found
        terminal.write(
          printableJson(
            options.json === true
              ? JSON.stringify(detail, undefined, 2)
              : stringify(JSON.parse(JSON.stringify(detail))).trimEnd(),
          ),
        )
      }
      process.exitCode = silent
    })
  return command
}

/** The fleet as it is now. */
export async function lookOnce(options: FleetOption & { json?: true }, terminal: Terminal): Promise<FleetView> {
  const { reader } = await openSeen(options, terminal)
  try {
    return await reader.look()
  } finally {
    await reader.close()
  }
}

/** A list without the hosts that did not answer is not whole: it says so, and the exit status is that of unknown. */
export function tellSilent(view: FleetView, terminal: Terminal): number {
  let status = 0
  for (const { declaration, contact } of view.hosts) {
    if (contact.state === 'answered') continue
    terminal.error(`tiercel: ${declaration.name} did not answer, so this is not all: ${printable(contact.error)}`)
    status = exitStatus('unknown')
  }
  return status
}

/** The same of hosts whose answer holds no list, since it could not be made. */
export function tellMissing({ plural, restsOn }: Noun, view: FleetView, terminal: Terminal): number {
  let status = tellSilent(view, terminal)
  for (const { name, observation } of answered(view)) {
    if (restsOn === undefined || observation.zfs === null) continue
    const { last, trouble } = restsOn(observation.zfs)
    if (last !== null) continue
    const why = trouble === null ? 'nobody has looked yet' : printable(trouble.message)
    terminal.error(`tiercel: the ${plural} of ${name} could not be seen, so this is not all: ${why}`)
    status = exitStatus('unknown')
  }
  return status
}

/** The item, or why there is none to show. */
function find(noun: Noun, items: readonly Item[], name: string): Item | UsageError {
  const exact = items.find(({ id }) => id === name)
  if (exact !== undefined) return exact
  const partly = items.filter(({ id }) => id.endsWith(`/${name}`))
  const [only] = partly
  if (partly.length === 1 && only !== undefined) return only
  const ids = items.map(({ id }) => id)
  if (partly.length > 1) {
    return new UsageError(`${name} is the name of several ${noun.plural}: ${partly.map(({ id }) => id).join(', ')}`)
  }
  return new UsageError(
    `there is no ${noun.singular} ${name}${didYouMean(name, ids)} ${ids.length === 0 ? `No ${noun.plural} are known.` : `Known: ${ids.slice(0, 20).join(', ')}${ids.length > 20 ? ', …' : ''}`}`,
  )
}
