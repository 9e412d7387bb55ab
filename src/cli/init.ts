import { existsSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { discoverOverSsh } from '../adapters/discovery/ssh-host.ts'
import { discoverThisHost } from '../adapters/discovery/this-host.ts'
import { createPrograms } from '../adapters/system/exec.ts'
import { explain, OpsError } from '../domain/errors.ts'
import { HostAddress } from '../domain/fleet.ts'
import { agentFileName, type InitFile, initFiles } from '../domain/init/files.ts'
import {
  answeredPlan,
  type InitPlan,
  isAnswer,
  type Looked,
  planInit,
  type Question,
  questionsOf,
} from '../domain/init/plan.ts'
import { tiercelVersion } from '../version.ts'
import { type Ask, openQuestions } from './ask.ts'
import { UsageError } from './errors.ts'
import { printable, printableJson, type Terminal } from './terminal.ts'

interface InitOptions {
  output: string
  yes?: true
  dryRun?: true
  json?: true
  sshConfig?: string
}

/** One or more hosts could not be looked at: a file without them would say that they do not exist. */
class InitFailed extends OpsError {
  readonly remedy = 'ask'
}

export function initCommand(terminal: Terminal): Command {
  return new Command('init')
    .description('Look at hosts, and write a first fleet file, and an agent file for each of them')
    .argument('[hosts...]', 'ssh://[USER@]HOST[:PORT], or local; without any, this machine')
    .option('--output <folder>', 'where the files go', '.')
    .option('--yes', 'ask nothing: take what is seen, and a default for the rest')
    .option('--dry-run', 'print the files, and write nothing')
    .option('--json', 'print what was seen and the files as JSON, and write nothing')
    .option('--ssh-config <file>', 'an ssh_config to use; your own otherwise (an absolute path)')
    .addHelpText(
      'after',
      `
It looks at pools, datasets, Kubos and Cluster peers, and changes nothing on any host. Other hosts need tiercel installed:
it runs \`ssh HOST tiercel agent discover\`. As root it sees addresses and folders of all daemons. No file is overwritten.

Examples:
  sudo tiercel init                        this machine
  tiercel init --dry-run
  tiercel init ssh://root@n1 ssh://root@n2 --output fleet --yes`,
    )
    .action(async (hosts: string[], options: InitOptions) => init(hosts, options, terminal))
}

async function init(hosts: readonly string[], options: InitOptions, terminal: Terminal): Promise<void> {
  const addresses = addressesOf(hosts)
  if (options.sshConfig?.startsWith('/') === false)
    throw new UsageError('--ssh-config is an absolute path: it goes into the fleet file')
  const isDry = options.dryRun === true || options.json === true
  if (!isDry) refuseExisting(options.output, ['tiercel.yaml'])
  const seen = planInit(await lookAt(addresses, options.sshConfig))
  if (!isDry)
    refuseExisting(
      options.output,
      seen.hosts.map(({ name }) => agentFileName(name)),
    )
  const plan = await completed(seen, options.yes === true || isDry, terminal)
  const files = initFiles(plan, { sshConfig: options.sshConfig })
  if (options.json === true) {
    const found = { hosts: plan.hosts.map(({ name, address, discovery }) => ({ name, address, ...discovery })), files }
    terminal.write(printableJson(JSON.stringify(found, undefined, 2)))
  } else if (options.dryRun === true) {
    for (const { name, text } of files) terminal.write(`--- ${join(options.output, name)}\n${text}`)
  } else {
    await writeAll(options.output, files)
    tell(plan, files, options.output, terminal)
  }
}

function addressesOf(hosts: readonly string[]): string[] {
  const addresses = hosts.length === 0 ? ['local'] : [...new Set(hosts)]
  for (const address of addresses) {
    if (HostAddress.safeParse(address).success && !address.startsWith('unix:')) continue
    const meant = HostAddress.safeParse(`ssh://${address}`).success ? `; did you mean ssh://${address}?` : '.'
    throw new UsageError(`${address} is not a host to look at${meant} Hosts are local, or ssh://[USER@]HOST[:PORT]`)
  }
  return addresses
}

function refuseExisting(folder: string, names: readonly string[]): void {
  const there = names.map((name) => join(folder, name)).filter((path) => existsSync(path))
  if (there.length === 0) return
  throw new UsageError(
    `${there.join(', ')} ${there.length === 1 ? 'exists' : 'exist'} already, and nothing is overwritten; write elsewhere: --output FOLDER, or only look: --dry-run`,
  )
}

/** All hosts at once; all that fail are told. */
async function lookAt(addresses: readonly string[], config: string | undefined): Promise<Looked[]> {
  const { exec } = createPrograms()
  const looks = await Promise.allSettled(
    addresses.map(async (address): Promise<Looked> => {
      const discovery =
        address === 'local'
          ? await discoverThisHost(exec, tiercelVersion)
          : await discoverOverSsh({ address, config }, exec)
      return { address, discovery }
    }),
  )
  const failed = looks.flatMap((look, index) =>
    look.status === 'rejected' ? [{ address: addresses[index], error: look.reason as unknown }] : [],
  )
  if (failed.length > 0) {
    const words = failed.map(({ address, error }) => {
      const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? ` (${error.hint})` : ''
      return `  ${address}: ${error instanceof Error ? error.message : explain(error)}${hint}`
    })
    throw new InitFailed(`nothing was written: not all hosts could be looked at\n${words.join('\n')}`)
  }
  return looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []))
}

/** Asks what cannot be seen; without a terminal, or when nothing is to be asked, the fallbacks stand, and say so in the file. */
async function completed(plan: InitPlan, isSilent: boolean, terminal: Terminal): Promise<InitPlan> {
  const questions = questionsOf(plan)
  if (isSilent || questions.length === 0) return plan
  const asking = openQuestions()
  if (asking === undefined)
    throw new UsageError('nothing was written: without a terminal to ask on, say --yes (or --dry-run to look only)')
  try {
    const answers = new Map<string, string>()
    for (const question of questions) answers.set(question.key, await answered(question, asking.ask, terminal))
    return answeredPlan(plan, answers)
  } finally {
    asking.close()
  }
}

async function answered({ text, fallback }: Question, ask: Ask, terminal: Terminal): Promise<string> {
  for (;;) {
    const answer = await ask(`${printable(text)}? [${fallback}] `)
    if (answer === undefined)
      throw new UsageError('nothing was written: the questions were not answered; --yes takes what is in brackets')
    const given = answer.trim() === '' ? fallback : answer.trim()
    if (isAnswer(given)) return given
    terminal.write('A name is letters, digits, `.`, `_`, `-`, at most 63, and starts with a letter or digit.')
  }
}

/** Never over a file that is there, and all of them or none. */
async function writeAll(folder: string, files: readonly InitFile[]): Promise<void> {
  const written: string[] = []
  try {
    await mkdir(folder, { recursive: true })
    for (const { name, text } of files) {
      const path = join(folder, name)
      await using file = await open(path, 'wx', 0o644)
      written.push(path)
      await file.writeFile(text)
    }
  } catch (cause) {
    for (const path of written) await rm(path, { force: true })
    throw new InitFailed(`nothing was written: cannot write into ${folder}`, { cause })
  }
}

function tell({ hosts }: InitPlan, files: readonly InitFile[], folder: string, terminal: Terminal): void {
  for (const { name } of files) terminal.write(`wrote ${join(folder, name)}`)
  for (const { name, stores, discovery } of hosts) {
    terminal.write(`${name}: ${discovery.pools.length} pools, ${stores.length} stores`)
    for (const note of [
      ...discovery.notes,
      ...stores.flatMap((store) => store.notes.map((each) => `${store.name}: ${each}`)),
    ])
      terminal.write(`  note: ${printable(note)}`)
  }
  if (hosts.some(({ discovery }) => discovery.notes.length > 0)) {
    terminal.write(
      '\nWhat could not be seen is not in these files, and health does not look at it. Mend the cause (the notes name it), remove\nthe files and run init again; or add it to them.',
    )
  }
  const fleet = join(folder, 'tiercel.yaml')
  terminal.write(`\nNext:
  tiercel health${folder === '.' ? '' : ` --fleet ${fleet}`}
  on each host with an agent: its agent-HOST.yaml to /etc/tiercel/agent.yaml, after sudo tiercel agent install`)
}
