import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** For tests: a real HTTP server of one's own on loopback, and how to reach it. */
export interface LoopbackServer {
  /** http://127.0.0.1:PORT, https://127.0.0.1:PORT or unix:/PATH. */
  url: string
  /** Method and path of every request, in order. */
  requests: string[]
  [Symbol.asyncDispose](): Promise<void>
}

/** Serves on a free port. With `tls` over https, with `unix` on a socket in a folder of its own. */
export async function serveOnLoopback(
  listener: RequestListener,
  { tls, unix = false }: { tls?: { key: string; cert: string }; unix?: boolean } = {},
): Promise<LoopbackServer> {
  const requests: string[] = []
  const record: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    listener(request, response)
  }
  const server = tls === undefined ? createServer(record) : createTlsServer(tls, record)
  const folder = unix ? await mkdtemp(join(tmpdir(), 'tiercel-test-')) : undefined
  const path = folder === undefined ? undefined : join(folder, 'api.sock')
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(path, resolve)
  })
  return {
    url: path === undefined ? `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${portOf(server)}` : `unix:${path}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (folder !== undefined) await rm(folder, { recursive: true })
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the test server does not listen on TCP')
  return address.port
}
