import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { listenOn } from '../adapters/system/listen.ts'
import type { ControllerConfig, Tcp } from '../domain/controller-config.ts'
import { explain, NotPermitted } from '../domain/errors.ts'

/** Of one listener at once: streams of events are some for each operator, all else is over within seconds. */
export const mostConnections = 500

/** Who has connected sends what they ask, or is cut off; Node's own are a minute and five. */
const headersWithinMs = 10_000
const requestWithinMs = 30_000

/** Where a controller answers. */
export interface Served {
  /** `unix:/PATH`, and `https://HOST:PORT` where that is asked for. */
  urls: string[]
  close(): void
}

/** Answers on the unix socket, and over TCP where the file says so; what cannot be, is told before anything is served. */
export async function serve(app: Pick<Hono, 'fetch'>, { socket, tcp }: ControllerConfig['listen']): Promise<Served> {
  const listener = getRequestListener(app.fetch)
  const handle = (incoming: Parameters<typeof listener>[0], outgoing: Parameters<typeof listener>[1]): void => {
    void listener(incoming, outgoing)
  }
  const servers: Server[] = []
  const bounded = (server: Server): Server => {
    servers.push(server)
    return Object.assign(server, {
      maxConnections: mostConnections,
      headersTimeout: headersWithinMs,
      requestTimeout: requestWithinMs,
    })
  }
  const urls = [`unix:${socket}`]
  const close = (): void => {
    for (const server of servers) {
      server.close()
      server.closeAllConnections()
    }
  }
  try {
    if (tcp !== undefined) {
      const server = bounded(tcp.tls === undefined ? createHttpServer(handle) : tlsServer(tcp.tls, handle))
      urls.push(`${tcp.tls === undefined ? 'http' : 'https'}://${await listenTcp(server, tcp)}`)
    }
    await listenOn(bounded(createHttpServer(handle)), socket, 0o660)
  } catch (error) {
    close()
    throw error
  }
  return { urls, close }
}

function tlsServer(
  { cert, key, ca }: NonNullable<Tcp['tls']>,
  handle: Parameters<typeof createTlsServer>[1] & {},
): ReturnType<typeof createTlsServer> {
  const callers = ca === undefined ? {} : { ca: read(ca), requestCert: true, rejectUnauthorized: true }
  const settings = { cert: read(cert), key: read(key), minVersion: 'TLSv1.2' as const, ...callers }
  try {
    return createTlsServer(settings, handle)
  } catch (cause) {
    const files = [cert, key, ...(ca === undefined ? [] : [ca])].join(', ')
    throw new NotPermitted(
      `cannot serve TLS with ${files}`,
      'Each must be in PEM, and the key that of the certificate; correct tls.',
      { cause },
    )
  }
}

async function listenTcp(server: Server, { host, port }: Tcp): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new NotPermitted(
          `cannot listen at ${host}:${port}: ${explain(cause)}`,
          'Choose another port under listen.tcp.',
          { cause },
        ),
      )
    })
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return `${host.includes(':') ? `[${host}]` : host}:${bound}`
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new NotPermitted(`cannot read ${file}`, 'Make it readable for the user of the controller, or correct tls.', {
      cause,
    })
  }
}
