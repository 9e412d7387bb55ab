import { Command } from 'commander'
import { defaultPolicyFile, readPolicy } from '../adapters/policy/policy-file.ts'
import { OpsError } from '../domain/errors.ts'
import { didYouMean } from '../domain/nearest.ts'
import type { OperationKind } from '../domain/operation.ts'
import { isHarmless, judgeByPolicy, operationKinds, type PolicyView } from '../domain/policy.ts'

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
  withFile(command.command('test'))
    .description('Say whether an operation would be allowed: exit status 0 if so, 1 if not')
    .argument('<operation>', `one of ${operationKinds.join(', ')}`)
    .option('--pool <pool>', 'on this pool')
    .addHelpText('after', '\nExample:\n  tiercel agent policy test scrub-start --pool hot-tier')
    .action((word: string, { policy, pool, json }: { policy: string; pool?: string; json?: true }) => {
      const verdict = judgeByPolicy(readPolicy(policy), kindOf(word), pool)
      if (json === true) output.write(JSON.stringify(verdict))
      else output.write(`${verdict.isAllowed ? 'allowed' : 'refused'}: ${verdict.says}`)
      process.exitCode = verdict.isAllowed ? 0 : 1
    })
  return command
}

function kindOf(word: string): OperationKind {
  const kind = operationKinds.find((known) => known === word)
  if (kind !== undefined) return kind
  throw new UnknownOperation(
    `there is no operation ${word}${didYouMean(word, operationKinds)} There are: ${operationKinds.join(', ')}`,
  )
}

/** Lines for a person. */
export function describePolicy({ file, isThere, mode, modeLine, allow }: PolicyView): string[] {
  const always = `always: ${operationKinds.filter((kind) => isHarmless(kind)).join(', ')} (in the agent’s own folder)`
  if (!isThere) return [`There is no ${file}: this host is only observed.`, always]
  if (mode === 'observe-only') {
    const where = modeLine === null ? 'it gives no mode' : `line ${modeLine}: mode: observe-only`
    return [`By ${file}, this host is only observed (${where}).`, always]
  }
  const lines = allow.map(
    ({ line, operations, pools }) => `line ${line}: ${operations.join(', ')} on ${pools.join(', ')}`,
  )
  return [`By ${file}, allowed on this host:`, ...(lines.length === 0 ? ['nothing'] : lines), always]
}

const withFile = (child: Command): Command =>
  child.option('--policy <file>', 'the policy, root’s alone', defaultPolicyFile).option('--json', 'as JSON')
