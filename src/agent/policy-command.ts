import { Command } from 'commander'
import { defaultPolicyFile, readPolicy } from '../adapters/policy/policy-file.ts'
import { OpsError } from '../domain/errors.ts'
import { didYouMean } from '../domain/nearest.ts'
import type { AnyOperation } from '../operations/operation.ts'
import { allowedNames, judgeKind, type PolicyView } from '../operations/policy.ts'
import { operationKinds, operationNamed, operations, scopeKindsOf } from '../operations/registry.ts'
import { type ScopeKind, scopeKinds } from '../operations/scope.ts'

interface Output {
  write(line: string): void
}

/** There is no operation of that name. */
class UnknownOperation extends OpsError {
  readonly remedy = 'stop'
}

/** `tiercel agent policy`: what may be changed on this host, by the executor's own reading of the file. */
export function policyCommand(output: Output): Command {
  const command = new Command('policy').description('What may be changed on this host')
  withFile(command.command('show'))
    .description('Show what is allowed here, with the line that allows it')
    .addHelpText('after', '\nExample:\n  tiercel agent policy show')
    .action(({ policy, json }: { policy: string; json?: true }) => {
      const view = readPolicy(policy)
      if (json === true) output.write(JSON.stringify(view))
      else for (const line of describePolicy(view)) output.write(line)
    })
  const test = withFile(command.command('test'))
    .description('Say whether an operation would be allowed: exit status 0 if so, 1 if not')
    .argument('<operation>', `one of ${operationKinds.join(', ')}`)
    .addHelpText('after', '\nExample:\n  tiercel agent policy test scrub-start --pool hot-tier')
    .action((word: string, { policy, json, ...named }: TestOptions) => {
      const one = operationCalled(word)
      const about = scopeKindsOf(one)
      const foreign = scopeKinds.find((kind) => named[kind] !== undefined && !about.includes(kind))
      if (foreign !== undefined) {
        throw new NotAbout(`${word} is not about a ${optionOf(foreign)}; it is about: ${about.join(', ') || 'nothing'}`)
      }
      const scopes = about.map((kind) => ({ kind, name: named[kind] ?? '' }))
      const verdict = judgeKind(readPolicy(policy), one, scopes)
      if (json === true) output.write(JSON.stringify(verdict))
      else output.write(`${verdict.isAllowed ? 'allowed' : 'refused'}: ${verdict.says}`)
      process.exitCode = verdict.isAllowed ? 0 : 1
    })
  for (const kind of new Set(operations.flatMap((one) => scopeKindsOf(one)))) {
    test.option(`--${optionOf(kind)} <${optionOf(kind)}>`, `on this ${optionOf(kind)}; without it: on any`)
  }
  return command
}

type TestOptions = { policy: string; json?: true } & Partial<Record<ScopeKind, string>>

/** `moduleParameter` as an option: `module-parameter`. */
const optionOf = (kind: ScopeKind): string => kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** It works on other kinds of things. */
class NotAbout extends OpsError {
  readonly remedy = 'stop'
}

function operationCalled(word: string): AnyOperation {
  const one = operationNamed(word)
  if (one !== undefined) return one
  throw new UnknownOperation(
    `there is no operation ${word}${didYouMean(word, operationKinds)} There are: ${operationKinds.join(', ')}`,
  )
}

/** Lines for a person. */
export function describePolicy({ file, isThere, mode, modeLine, allow }: PolicyView): string[] {
  const always = `always: ${operations
    .filter(({ by }) => by === 'harmless')
    .map(({ kind }) => kind)
    .join(', ')} (in the agent’s own folder)`
  if (!isThere) return [`There is no ${file}: this host is only observed.`, always]
  if (mode === 'observe-only') {
    const where = modeLine === null ? 'it gives no mode' : `line ${modeLine}: mode: observe-only`
    return [`By ${file}, this host is only observed (${where}).`, always]
  }
  const lines = allow.map(
    (entry) => `line ${entry.line}: ${entry.operations.join(', ')} on ${allowedNames(entry).join(', ')}`,
  )
  return [`By ${file}, allowed on this host:`, ...(lines.length === 0 ? ['nothing'] : lines), always]
}

const withFile = (child: Command): Command =>
  child.option('--policy <file>', 'the policy, root’s alone', defaultPolicyFile).option('--json', 'as JSON')
