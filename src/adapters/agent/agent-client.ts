import { agentPaths } from '../../api/agent.ts'
import { HostObservation } from '../../domain/observation.ts'
import type { SecretRef } from '../../domain/fleet.ts'
import type { Duration } from '../../domain/units.ts'
import { startDetached } from '../system/pipe-exec.ts'
import { readSecret } from '../system/secrets.ts'
import { ask, Refused } from './ask.ts'
import { answers } from '../system/listen.ts'
import { keeperSocket } from './keeper.ts'
import { SshConnections, sshEnvironment, type SshTarget } from './ssh.ts'

/** One host's agent, as a caller on this machine reaches it. */
export interface AgentClient {
  observation(signal?: AbortSignal): Promise<HostObservation>
  close(): void
}

/** An agent on a unix socket of this machine. */
export function socketAgent(socketPath: string, token: SecretRef | undefined): AgentClient {
  return {
    async observation(signal) {
      const secret = token === undefined ? undefined : await readSecret(token)
      return ask({ socketPath }, HostObservation, {
        path: agentPaths.observation,
        signal,
        ...(secret === undefined ? {} : { token: secret }),
      })
    },
    close: () => undefined,
  }
}

/** An agent behind SSH, over a connection of this process alone. */
export function sshAgent(target: SshTarget): AgentClient {
  const connections = new SshConnections(target)
  return {
    async observation(signal) {
      try {
        return await ask({ connections }, HostObservation, { path: agentPaths.observation, signal })
      } catch (error) {
        if (error instanceof Refused || !(error instanceof Error) || signal?.aborted === true) throw error
        throw new Refused((await connections.failure(error)).error)
      }
    },
    close: () => connections.close(),
  }
}

/**
 * An agent behind SSH, over the connection that a small process of the same user keeps open between commands. `command`
 * starts that process: program and first arguments.
 */
export function keptSshAgent(
  target: SshTarget,
  keep: { keepFor: Duration; command: readonly [string, ...string[]] },
): AgentClient {
  return {
    async observation(signal) {
      const socketPath = keeperSocket(target, process.env)
      if (!(await answers(socketPath))) {
        const [program, ...args] = keep.command
        startDetached(
          program,
          [...args, 'keep-connection', target.address, socketPath, String(keep.keepFor), target.config ?? ''],
          sshEnvironment(process.env),
        )
        await socketAppears(socketPath, signal)
      }
      return ask({ socketPath }, HostObservation, { path: agentPaths.observation, signal })
    },
    close: () => undefined,
  }
}

async function socketAppears(socketPath: string, signal: AbortSignal | undefined): Promise<void> {
  for (let tries = 0; tries < 100 && signal?.aborted !== true; tries += 1) {
    if (await answers(socketPath)) return
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
}
