import { createConnection, createServer } from 'node:net'

/** A unix socket that leads on to another one, and counts what comes back. */
export interface CountingSocket {
  readonly path: string
  /** Bytes that have come back so far. */
  received(): number
  close(): void
}

export async function countingSocket(path: string, target: string): Promise<CountingSocket> {
  let received = 0
  const server = createServer((near) => {
    const far = createConnection(target)
    far.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(path, resolve)
  await promise
  return { path, received: () => received, close: () => server.close() }
}
