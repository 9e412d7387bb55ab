import type { Argument, Command, Option } from 'commander'

/** One word that fits, and what it is. */
export interface Candidate {
  value: string
  description: string
}

/** What fits where the cursor stands: some words, or the names of files, which the shell knows best. */
export type Completion = Candidate[] | 'files'

/** Options that say which names there are. */
export interface Given {
  fleet?: string
  controller?: string
}

/** What a word stands for, by the name that the help shows: `host`, `code`, `file`; or the noun of `pools show`. */
export interface Place {
  kind: string
  /** The words that are no options, from after the command on. */
  positionals: readonly string[]
  /** The values of --fleet and --controller, where they were given. */
  given: Given
  /**
   * Of an option beside which `--host` names the host: the hosts that were given, none where that was left out. Names on a host
   * stand without it then.
   */
  hosts?: readonly string[] | undefined
}

export type NamesFor = (place: Place) => Promise<Candidate[]>

/**
 * What fits as the last of `words`, the words behind the program's name. The tree of commands is the one that runs, so
 * nothing has to be kept in step with it.
 */
export async function completeWords(root: Command, words: readonly string[], namesFor: NamesFor): Promise<Completion> {
  const partial = words.at(-1) ?? ''
  const state = walk(root, words.slice(0, -1))
  const { command, positionals, awaited, onlyArguments } = state
  const starting = (candidates: readonly Candidate[], prefix = ''): Candidate[] =>
    candidates
      .map(({ value, description }) => ({ value: `${prefix}${value}`, description }))
      .filter(({ value }) => value.startsWith(partial))
  const place = (kind: string): Place => ({ kind, positionals, given: state.given })
  const placeOfOption = (kind: string): Place => ({
    ...place(kind),
    hosts: command.options.some(({ long }) => long === '--host') ? state.hosts : undefined,
  })

  if (awaited !== undefined) return fitting(awaited, kindOfOption(awaited), placeOfOption, namesFor, starting)
  if (partial.startsWith('-') && !onlyArguments) {
    const [flag = '', joined] = partial.split('=', 2)
    const option = joined === undefined ? undefined : optionOf(command, flag)
    if (option !== undefined)
      return fitting(option, kindOfOption(option), placeOfOption, namesFor, (some) => starting(some, `${flag}=`))
    return starting(optionsOf(command))
  }
  const children =
    positionals.length > 0 || onlyArguments
      ? []
      : starting(
          command
            .createHelp()
            .visibleCommands(command)
            .map((child) => ({ value: child.name(), description: child.description() })),
        )
  const argument = argumentAt(command, positionals.length)
  if (argument === undefined) return children
  const values = await fitting(argument, kindOfArgument(command, argument), place, namesFor, starting)
  return values === 'files' ? (children.length > 0 ? children : values) : [...children, ...values]
}

function note({ given, hosts }: Walked, flag: string | undefined, value: string): void {
  if (flag === '--host') hosts.push(value)
  if (flag === '--fleet') given.fleet = value
  if (flag === '--controller') given.controller = value
}

interface Walked {
  command: Command
  positionals: string[]
  /** The option whose value comes next. */
  awaited: Option | undefined
  /** Behind `--`. */
  onlyArguments: boolean
  given: Given
  /** The values of --host. */
  hosts: string[]
}

function walk(root: Command, words: readonly string[]): Walked {
  const state: Walked = {
    command: root,
    positionals: [],
    awaited: undefined,
    onlyArguments: false,
    given: {},
    hosts: [],
  }
  for (const word of words) {
    const { awaited, command } = state
    if (awaited !== undefined) {
      note(state, awaited.long, word)
      state.awaited = undefined
    } else if (word === '--') {
      state.onlyArguments = true
    } else if (word.startsWith('-') && !state.onlyArguments) {
      const [flag = '', joined] = word.split('=', 2)
      const option = optionOf(command, flag)
      if (joined !== undefined) note(state, flag, joined)
      if (option?.required === true && joined === undefined) state.awaited = option
    } else {
      const child = command.commands.find((each) => each.name() === word || each.aliases().includes(word))
      if (child === undefined || state.positionals.length > 0 || state.onlyArguments) state.positionals.push(word)
      else state.command = child
    }
  }
  return state
}

/** An option of a command or of one above it, which are read wherever they stand. */
function optionOf(command: Command, flag: string): Option | undefined {
  for (let each: Command | null = command; each !== null; each = each.parent) {
    const found = each.options.find(({ long, short }) => flag === long || flag === short)
    if (found !== undefined) return found
  }
  return undefined
}

const optionsOf = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({ value: option.long ?? option.short ?? '', description: option.description }))

const argumentAt = (command: Command, index: number): Argument | undefined =>
  command.registeredArguments[index] ?? command.registeredArguments.findLast(({ variadic }) => variadic)

/** `--severity <severity>`: what stands in the brackets. */
const kindOfOption = (option: Option): string => /[<[]([\w-]+)/.exec(option.flags)?.[1] ?? ''

/** Of `pools show <name>`, the noun says what name. */
const kindOfArgument = (command: Command, argument: Argument): string =>
  argument.name() === 'name' ? (command.parent?.name() ?? '') : argument.name()

async function fitting(
  what: Option | Argument,
  kind: string,
  place: (kind: string) => Place,
  namesFor: NamesFor,
  starting: (candidates: readonly Candidate[]) => Candidate[],
): Promise<Completion> {
  if (what.argChoices !== undefined) return starting(what.argChoices.map((value) => ({ value, description: '' })))
  if (['file', 'folder', 'socket'].includes(kind)) return 'files'
  return starting(await namesFor(place(kind)))
}
