import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'

/** For tests: answers recorded on the wire, byte for byte, with their chunks and trailers. */
export interface ReplayServer {
  url: string
  [Symbol.asyncDispose](): Promise<void>
}

/** `answers` maps `GET /path?query` to the file of a recorded answer. Anything else closes the connection. */
export async function replayOnLoopback(answers: Readonly<Record<string, string>>): Promise<ReplayServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('data', (data) => {
      const [method, target] = data.toString('latin1').split(' ')
      const file = answers[`${method} ${decodeURIComponent(target ?? '')}`]
      if (file === undefined) socket.destroy()
      else socket.write(readFileSync(file))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the replay server does not listen on TCP')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
