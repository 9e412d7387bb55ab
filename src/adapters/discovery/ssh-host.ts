import { OpsError } from '../../domain/errors.ts'
import { HostDiscovery } from '../../domain/init/discovery.ts'
import { seconds } from '../../domain/units.ts'
import { describeFailure, sshArgs, sshEnvironment, type SshTarget } from '../agent/ssh.ts'
import { CommandFailed, type Exec } from '../system/exec.ts'

/** A host could not be looked at over SSH. */
export class NotDiscovered extends OpsError {
  readonly remedy = 'ask'
  readonly hint: string | undefined

  constructor(message: string, hint: string | undefined, options?: ErrorOptions) {
    super(message, options)
    this.hint = hint
  }
}

/** Looks at another host: `ssh HOST tiercel agent discover`, three fixed words for the shell there. */
export async function discoverOverSsh(target: SshTarget, exec: Exec): Promise<HostDiscovery> {
  const { address } = target
  let answer: string
  try {
    answer = await exec('ssh', sshArgs(target, 'discover'), {
      env: sshEnvironment(process.env),
      deadline: seconds(60),
      maxBytes: 16 * 1024 * 1024,
    })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    if (/unknown command/.test(error.stderr)) {
      throw new NotDiscovered(
        `${address} has a tiercel that cannot discover`,
        'bring it to the same version as this one',
        { cause: error },
      )
    }
    const failure = describeFailure(target, error.stderr.trim(), error)
    throw new NotDiscovered(failure.error.message, failure.error.hint, { cause: error })
  }
  const read = HostDiscovery.safeParse(parsed(answer))
  if (read.success) return read.data
  throw new NotDiscovered(
    `${address} did not answer with what it has`,
    'a key that may run `tiercel agent stdio` alone cannot discover: use another key for this, or run `tiercel init` on that host',
    { cause: read.error },
  )
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
