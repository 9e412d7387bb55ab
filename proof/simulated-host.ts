import { z } from 'zod'
import { CommandFailed, type Exec } from '../src/adapters/system/exec.ts'
import { Stuck } from '../src/domain/errors.ts'
import { seconds } from '../src/domain/units.ts'
import type { SimulatorClient } from '../src/sim/process/client.ts'

/** What a process that stands on a simulated host is told by its first argument. */
export const SimulatedHost = z.strictObject({
  /** The host's name in the simulated world. */
  host: z.string(),
  /** The control socket of the simulator, and the file in which it keeps the world. */
  simulator: z.string().startsWith('/'),
  state: z.string().startsWith('/'),
  /** A folder of this host alone: sockets, the log of operations, the marks. */
  folder: z.string().startsWith('/'),
  /** A file with the token of agent and executor. */
  token: z.string().startsWith('/'),
  /** The executor's policy. */
  policy: z.string().startsWith('/'),
})
export type SimulatedHost = z.infer<typeof SimulatedHost>

export const socketsOf = ({ folder }: SimulatedHost): { agent: string; executor: string } => ({
  agent: `${folder}/agent.sock`,
  executor: `${folder}/executor.sock`,
})

/**
 * Runs programs on a simulated host. What hangs there is called off by its deadline, as a child would be. `by`: the operation
 * that they are run for, which is written beside their effects.
 */
export const execOn =
  (simulator: SimulatorClient, host: string, by: () => string | undefined): Exec =>
  async (file, args, { signal, deadline = seconds(30), onEnd } = {}) => {
    const late = AbortSignal.timeout(deadline)
    const both = signal === undefined ? late : AbortSignal.any([signal, late])
    const { exitCode, stdout, stderr } = await simulator
      .exec(host, { file, args, by: by() }, both)
      .catch((cause: unknown) => {
        if (both.aborted) throw new Stuck(`${file} ${args.join(' ')} hangs on ${host}`, { cause })
        throw cause
      })
    onEnd?.({ exitCode, stdout, stderr })
    if (exitCode === 0) return stdout
    throw new CommandFailed({ file, args, exitCode, stdout, stderr }, `exited with ${exitCode}`)
  }
