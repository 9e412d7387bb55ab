import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { Unreachable } from '../../domain/errors.ts'
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

/** `socket`: that of its control. */
export function simulatorClient(socket: string): SimulatorClient {
  return {
    exec: async (host, program, signal) =>
      ProgramEnded.parse(await ask(socket, 'POST', `/hosts/${host}/exec`, JSON.stringify(program), signal)),
    world: async (signal) => World.parse(await ask(socket, 'GET', '/snapshot', undefined, signal)),
  }
}

async function ask(
  socketPath: string,
  method: string,
  path: string,
  body: string | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  try {
    return JSON.parse(
      await new Promise<string>((resolve, reject) => {
        const headers = body === undefined ? {} : { 'content-type': 'application/json' }
        const sent = request({ socketPath, method, path, headers, signal }, (response) => {
          text(response).then(
            (said) =>
              response.statusCode === 200 ? resolve(said) : reject(new Unreachable(`the simulator refuses: ${said}`)),
            reject,
          )
        })
        sent.once('error', reject)
        sent.end(body)
      }),
    )
  } catch (cause) {
    signal?.throwIfAborted()
    throw new Unreachable(`the simulator at ${socketPath} gives no answer to ${method} ${path}`, { cause })
  }
}
