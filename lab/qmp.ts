import { connect } from 'node:net'
import { createInterface } from 'node:readline'

import { LabError } from './errors.ts'

/** Gives one command to the QEMU behind this socket, and its answer: the QEMU Machine Protocol, a line of JSON each way. */
export async function qmp(
  socketPath: string,
  command: string,
  parameters: Readonly<Record<string, unknown>> = {},
  timeoutMs = 10_000,
): Promise<unknown> {
  const socket = connect(socketPath)
  const signal = AbortSignal.timeout(timeoutMs)
  const stop = (): void => {
    socket.destroy(new LabError(`QEMU did not answer ${command} within ${timeoutMs} ms`))
  }
  signal.addEventListener('abort', stop)
  try {
    const failed = new Promise<never>((_resolve, reject) => {
      socket.once('error', (cause) => reject(new LabError(`cannot speak to QEMU on ${socketPath}`, { cause })))
      socket.once('close', () => reject(new LabError(`QEMU closed ${socketPath}`)))
    })
    return await Promise.race([converse(socket, command, parameters), failed])
  } finally {
    signal.removeEventListener('abort', stop)
    socket.destroy()
  }
}

async function converse(
  socket: ReturnType<typeof connect>,
  command: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const send = (execute: string, args: object): void => {
    socket.write(`${JSON.stringify({ execute, arguments: args })}\n`)
  }
  let negotiated = false
  for await (const line of createInterface({ input: socket })) {
    const message: unknown = JSON.parse(line)
    if (typeof message !== 'object' || message === null) continue
    if ('QMP' in message) send('qmp_capabilities', {})
    if ('error' in message) throw new LabError(`QEMU refused ${command}: ${JSON.stringify(message.error)}`)
    if (!('return' in message)) continue
    if (negotiated) return message.return
    negotiated = true
    send(command, parameters)
  }
  throw new LabError(`QEMU ended the conversation before it answered ${command}`)
}
