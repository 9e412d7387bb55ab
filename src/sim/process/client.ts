import { ask } from '../../adapters/agent/ask.ts'
import { World } from '../world.ts'
import { ProgramEnded } from './host-routes.ts'

/** A simulator that runs as a process of its own, as a process on one of its hosts reaches it. */
export interface SimulatorClient {
  /** Runs a program on a host; never settles by itself where it hangs in the kernel. `by` is written beside its effects. */
  exec(
    host: string,
    program: { file: string; args: readonly string[]; by?: string | undefined },
    signal?: AbortSignal,
  ): Promise<ProgramEnded>
  /** The world as it is now, without its effects. */
  world(signal?: AbortSignal): Promise<World>
}

/** `socketPath`: that of its control. */
export function simulatorClient(socketPath: string): SimulatorClient {
  return {
    exec: (host, program, signal) =>
      ask({ socketPath }, ProgramEnded, { path: `/hosts/${host}/exec`, body: program, signal }),
    world: (signal) => ask({ socketPath }, World, { path: '/snapshot', signal }),
  }
}
