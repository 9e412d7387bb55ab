import { Command, Option } from 'commander'
import { z } from 'zod'
import type { Agents } from '../adapters/agent/contact.ts'
import type { Planned, ProcedureInfo } from '../api/operator-nouns.ts'
import type { Fleet } from '../domain/fleet.ts'
import type { Json } from '../domain/run.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { controllerOption } from './find-controller.ts'
import { type InputFlag, inputFlags, inputFrom, missingFlag } from './input-flags.ts'
import { UsageError } from './errors.ts'
import { declaredFleet } from './declared-fleet.ts'

/** What the command line knows of procedures without a controller: their names and inputs, and how to plan over agents. */
export interface Runbook {
  procedures: readonly ProcedureInfo[]
  /** The fleet file, with all that can be said of these procedures. */
  FleetFile: z.ZodType
  /** Looks through the agents, and changes nothing. */
  planDirectly(
    seen: { fleet: Fleet; reader: Agents },
    procedure: string,
    input: Json,
    signal: AbortSignal,
  ): Promise<Planned>
}

/** What each command of a procedure is called with. */
export interface ProcedureOptions extends FleetOption {
  input?: string
  json?: true
  [flag: string]: unknown
}

/**
 * `tiercel plan scrub --pool …`, `tiercel run scrub --pool …`: a command for each procedure, with an option for each key
 * of its input, so that help, completion and nearest names come by themselves.
 */
export function addProcedureCommands(
  parent: Command,
  { procedures }: Pick<Runbook, 'procedures'>,
  finish: (command: Command) => Command,
  act: (procedure: ProcedureInfo, input: Json, options: ProcedureOptions) => Promise<number>,
): Command {
  for (const procedure of procedures) {
    const flags = inputFlags(procedure.input)
    const command = new Command(procedure.name).description(procedure.title).summary(procedure.title)
    for (const flag of flags) command.addOption(optionOf(flag))
    command
      .addOption(new Option('--input <json>', 'the whole input as JSON; options count over it'))
      .addOption(fleetOption())
      .addOption(controllerOption())
    finish(command)
      .addHelpText('after', `\n${procedure.about}\n\n${examplesText(parent.name(), procedure)}`)
      .action(async (options: ProcedureOptions) => {
        const input = inputFrom(flags, options, options.input)
        const missing = missingFlag(flags, input)
        if (missing !== undefined) throw await missed(missing, options)
        process.exitCode = await act(procedure, input, options)
      })
    parent.addCommand(command)
  }
  return parent
}

/** Says which option is missing, and what it may be where the fleet file knows. */
async function missed({ key, flags, description }: InputFlag, { fleet }: FleetOption): Promise<UsageError> {
  const names = key === 'host' ? (await declaredFleet(fleet)).fleet.hosts.map(({ name }) => name) : []
  const some = names.length > 20 ? [...names.slice(0, 20), '…'] : names
  const known = some.length === 0 ? '' : `; the fleet has ${some.join(', ')}`
  return new UsageError(`${flags.split(' ')[0]} is missing: ${description}${known}`)
}

function optionOf({ flags, description, isList, choices, kind }: InputFlag): Option {
  const option = new Option(flags, description)
  if (choices !== undefined && choices.length > 0) option.choices(choices)
  const parse = option.parseArg
  if (isList && kind !== 'switch') {
    option.argParser((value: string, before: string[] | undefined) => {
      parse?.(value, undefined)
      return [...(before ?? []), value]
    })
  }
  return option
}

function examplesText(verb: string, { name, examples }: ProcedureInfo): string {
  const lines = examples.map(({ input, about }) => `  tiercel ${verb} ${name} ${argumentsOf(input)}   ${about}`)
  return `Examples:\n${lines.length === 0 ? `  tiercel ${verb} ${name}` : lines.slice(0, 4).join('\n')}`
}

/** An input as options, where they can say it. */
function argumentsOf(input: Json): string {
  const flat = z.record(z.string(), z.union([Plain, z.array(Plain)])).safeParse(input)
  if (!flat.success) return `--input '${JSON.stringify(input)}'`
  return Object.entries(flat.data)
    .flatMap(([key, value]) => {
      const name = `--${key.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`
      if (Array.isArray(value)) return value.map((one) => `${name.replace(/s$/, '')} ${one}`)
      if (typeof value === 'boolean') return value ? [name] : []
      return [`${name} ${value}`]
    })
    .join(' ')
}

const Plain = z.union([z.string(), z.number(), z.boolean()])
