import { readFile } from 'node:fs'
import { getCACertificates } from 'node:tls'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import type { Api } from '../../domain/fleet.ts'
import type { Duration } from '../../domain/units.ts'
import { PeerNotTrusted } from './errors.ts'

/** More than we ever ask of one peer at once: its lists and its own description. */
const connectionsPerApi = 8

/**
 * Connections to one API: over TCP, TLS or a unix socket. No proxy of the environment is used and no redirect followed:
 * what is asked here goes to the address that was declared. Deadlines are the caller's.
 */
export function openDispatcher(api: Api, { connectWithin }: { connectWithin: Duration }): Pool {
  const isUnix = api.url.startsWith('unix:')
  return new Pool(isUnix ? 'http://localhost' : new URL(api.url).origin, {
    connections: connectionsPerApi,
    // HTTP/1.1 only: the trailer that tells a whole list from a broken one is known to us there.
    allowH2: false,
    useMilo: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: isUnix
      ? buildConnector({ socketPath: api.url.slice('unix:'.length), timeout: connectWithin })
      : connector(api.ca, connectWithin),
  })
}

/**
 * One request, given up when the signal says so. undici itself hears a signal only once there is a connection: a name server or
 * a peer that says nothing would keep whoever asks for as long as connecting may take (measured, undici 8.12.4: 10 s for a signal
 * of 0.7 s).
 */
export async function requestUntil(
  dispatcher: Dispatcher,
  request: Dispatcher.RequestOptions,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  signal.throwIfAborted()
  const { promise: over, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  const answer = dispatcher.request({ ...request, signal })
  try {
    return await Promise.race([answer, over])
  } catch (error) {
    // What comes too late is nobody's.
    answer.then(({ body }) => body.destroy()).catch(() => undefined)
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** The certificate authority is read at each connection, so that a renewed file counts without a restart. */
function connector(ca: string | undefined, connectWithin: Duration): buildConnector.connector {
  return (options, done) => {
    const connect = (authorities?: string[]) => {
      const tls = authorities === undefined ? {} : { ca: authorities }
      buildConnector({ allowH2: false, timeout: connectWithin, ...tls })(options, done)
    }
    if (options.protocol !== 'https:') return connect()
    if (ca === undefined) return connect([...getCACertificates('default'), ...getCACertificates('system')])
    readFile(ca, 'utf8', (cause, text) => {
      if (cause === null) connect([text])
      else
        done(
          new PeerNotTrusted(
            `cannot read the certificate authority of ${options.hostname}`,
            `Make ${ca} readable for this process, or correct ca.`,
            { cause },
          ),
          null,
        )
    })
  }
}
