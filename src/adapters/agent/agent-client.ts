import { agentPaths } from '../../api/agent.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { Unreachable } from '../../domain/errors.ts'
import { HostObservation } from '../../domain/observation.ts'
import { PlacementAnswer } from '../../domain/placement/answer.ts'
import type { PlacementQuestion } from '../../domain/placement/question.ts'
import type { PinIndex } from '../../domain/ports/pin-index.ts'
import { grantTokenFile } from '../../domain/grant-token.ts'
import { onceAtATime } from '../../domain/once-at-a-time.ts'
import type { SecretRef } from '../../domain/fleet.ts'
import type { Duration } from '../../domain/units.ts'
import type { Changes } from '../../domain/ports/changes.ts'
import { startDetached } from '../system/pipe-exec.ts'
import { describeSecret, readSecret } from '../system/secrets.ts'
import { ask, Refused } from './ask.ts'
import { answers } from '../system/listen.ts'
import { keeperSocket } from './keeper.ts'
import { keptHeaders } from './kept-hosts.ts'
import type { Signs } from './patience.ts'
import type { Reach } from './reach.ts'
import { type Asking, remoteChanges } from './remote-changes.ts'
import { type AgentControl, remoteControl } from './remote-control.ts'
import { remotePinIndex } from './remote-pin-index.ts'
import { sshArgs, SshConnections, sshEnvironment, type SshTarget } from './ssh.ts'

/** One host's agent, as a caller on this machine reaches it. */
export interface AgentClient {
  /** `signs`: what is heard of the agent meanwhile. Nothing, where there is none. */
  observation(signal?: AbortSignal, signs?: Signs): Promise<HostObservation>
  /** The pin index of one store. Its answers reject where the agent keeps none. */
  pins(store: string): PinIndex
  /** What the pin index of one store says to a question about its pinset. */
  placement(store: string, question: PlacementQuestion, signal?: AbortSignal): Promise<PlacementAnswer>
  /** Whom the host obeys, what it allows, and looks that are taken now. */
  control: AgentControl
  /** Has the host change something; `asking` says for whom. */
  changes(asking: Asking): Changes
  close(): void
}

/** An agent on a unix socket of this machine. `grantToken`: sent along only where a host is asked whom it obeys from now on. */
export function socketAgent(
  socketPath: string,
  token: SecretRef | undefined,
  grantToken: SecretRef = { file: grantTokenFile },
): AgentClient {
  return clientBy(
    async (run) => {
      const secret = token === undefined ? undefined : await readings(describeSecret(token), () => readSecret(token))
      return run({ socketPath }, secret === undefined ? {} : { token: secret })
    },
    { hasNoLogin: true, grantToken: async () => readSecret(grantToken).catch(() => undefined) },
  )
}

/** Many hosts have one token file: those that are asked at the same time have it by one reading. */
const readings = onceAtATime<string>()

/** An agent behind SSH, over a connection of this process alone. */
export function sshAgent(target: SshTarget): AgentClient {
  const connections = new SshConnections(target)
  return clientBy(
    async (run, signal, alone) => {
      const way = alone === undefined ? connections : new SshConnections(target, { kept: false })
      try {
        return await run({ connections: way }, {})
      } catch (error) {
        if (!(error instanceof Unreachable) || signal?.aborted === true) throw error
        throw new Refused((await way.failure(error)).error)
      }
    },
    { close: () => connections.close() },
  )
}

/**
 * An agent behind SSH, over the connection that a small process of the same user keeps open between commands, one process for all hosts. `command`
 * starts that process: program and first arguments.
 */
export function keptSshAgent(
  target: SshTarget,
  keep: { keepFor: Duration; command: readonly [string, ...string[]] },
): AgentClient {
  return clientBy(async (run, signal, alone) => {
    sshArgs(target) // an address that is none is told here, not by a process that nobody listens to
    const socketPath = keeperSocket(process.env)
    const command = [...keep.command, 'keep-connections', socketPath] as const
    const throughKeeper = async () => {
      if (!(await answers(socketPath))) await startKeeper(command, socketPath, signal)
      return run({ socketPath }, { headers: keptHeaders(target, keep.keepFor, alone) })
    }
    try {
      return await throughKeeper()
    } catch (error) {
      // The keeper says itself when the host does not answer. If it is the keeper that is gone, it was just ending.
      if (!(error instanceof Unreachable) || signal?.aborted === true) throw error
      return throughKeeper()
    }
  })
}

/** Every question to an agent, by one way of reaching it. */
function clientBy(
  reach: Reach,
  {
    close = () => undefined,
    hasNoLogin = false,
    grantToken,
  }: { close?: () => void; hasNoLogin?: boolean; grantToken?: () => Promise<string | undefined> } = {},
): AgentClient {
  return {
    observation: (signal, signs) =>
      reach(
        (route, needed) =>
          ask(route, HostObservation, {
            path: agentPaths.observation,
            signal,
            signs,
            ...needed,
            connected: hasNoLogin ? signs?.there : undefined,
          }),
        signal,
      ),
    pins: (store) => remotePinIndex(reach, store),
    placement: (store, question, signal) =>
      reach(
        (route, needed) =>
          ask(route, PlacementAnswer, { path: agentPaths.placement(store), body: question, signal, ...needed }),
        signal,
      ),
    control: remoteControl(reach, grantToken),
    changes: (asking) => remoteChanges(reach, asking),
    close,
  }
}

/** Starts the keeper, and waits until it answers: on a busy machine, that can take most of the time there is. */
async function startKeeper(
  [program, ...args]: readonly [string, ...string[]],
  socketPath: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  startDetached(program, args, { ...sshEnvironment(process.env), ...compileCache(process.env) })
  for (let tries = 0; tries < 200 && signal?.aborted !== true; tries += 1) {
    if (await answers(socketPath)) return
    await sleep(50)
  }
}

/** Where the launcher lets Node keep what it has compiled: the keeper then starts in half the time. */
function compileCache({ NODE_COMPILE_CACHE: folder }: NodeJS.ProcessEnv): Record<string, string> {
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}
