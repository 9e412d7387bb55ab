import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { networkInterfaces } from 'node:os'
import type { Endpoint, Service } from '../../domain/daemons.ts'
import type { Listener } from './listeners.ts'

/** Where a service of a store is said to listen. */
export interface Announced {
  service: Service
  port: number
}

/** What a request without credentials got; undefined where nobody answered in time. */
export type Knock = (options: {
  tls: boolean
  address: string
  port: number
  method: 'GET' | 'POST'
  path: string
  signal: AbortSignal | undefined
}) => Promise<{ status: number; text: string } | undefined>

/** Requests that change nothing; with credentials set, the daemons refuse them before they look at the path. */
const harmless: Readonly<Record<Exclude<Service, 'kubo-gateway'>, { method: 'GET' | 'POST'; path: string }>> = {
  'cluster-api': { method: 'GET', path: '/version' },
  'ipfs-proxy': { method: 'POST', path: '/api/v0/version' },
  'pinning-api': { method: 'GET', path: '/pins?limit=1' },
  'kubo-rpc': { method: 'POST', path: '/api/v0/version' },
}

/**
 * The services that listen beyond loopback, each with what it answers to somebody without credentials. Only addresses that
 * this host itself has are asked.
 */
export async function lookAtExposure(
  announced: readonly Announced[],
  options: { listeners: readonly Listener[]; ownAddress?: string | undefined; knock?: Knock; signal?: AbortSignal },
): Promise<Endpoint[]> {
  const { listeners, ownAddress = firstOwnAddress(), knock = knockByHttp, signal } = options
  const endpoints: Endpoint[] = []
  for (const { service, port } of announced) {
    for (const { address, isAny } of listeners.filter((one) => one.port === port && !one.isLoopback)) {
      if (endpoints.some((one) => one.service === service && one.address === address && one.port === port)) continue
      const found = { service, address, port }
      if (service === 'kubo-gateway') {
        endpoints.push({ ...found, tls: false, answer: 'not-asked' })
        continue
      }
      const at = { address: isAny ? (ownAddress ?? '127.0.0.1') : address, port, ...harmless[service], signal }
      const plain = await knock({ ...at, tls: false })
      // Go answers in plain words to who speaks without TLS to a port with it.
      const tls = plain?.status === 400 && plain.text.includes('HTTPS')
      const answer = tls ? await knock({ ...at, tls: true }) : plain
      endpoints.push({ ...found, tls, answer: answer === undefined ? 'silent' : meaningOf(answer.status) })
    }
  }
  return endpoints
}

/** Refused: no rights without credentials. All else was an answer of the service behind. */
const meaningOf = (status: number): Endpoint['answer'] => (status === 401 || status === 403 ? 'refused' : 'open')

/** An address by which other machines may reach this one. */
function firstOwnAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((some) => some ?? [])
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address
}

const answerWithinMs = 3000

const knockByHttp: Knock = ({ tls, address, port, method, path, signal }) =>
  new Promise((resolve) => {
    const options = { host: address, port, method, path, timeout: answerWithinMs, agent: false, signal }
    // Whose certificate it is does not matter: nothing secret is sent, and nothing of the answer is believed.
    const sent = tls ? tlsRequest({ ...options, rejectUnauthorized: false }) : plainRequest(options)
    const deadline = setTimeout(() => sent.destroy(), answerWithinMs)
    const finish = (outcome: { status: number; text: string } | undefined) => {
      clearTimeout(deadline)
      sent.destroy()
      resolve(outcome)
    }
    sent.once('error', () => finish(undefined))
    sent.once('close', () => finish(undefined))
    sent.once('response', (response) => {
      let text = ''
      const done = () => finish({ status: response.statusCode ?? 0, text })
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > 1000) done()
      })
      response.once('end', done)
      response.once('error', done)
    })
    sent.end()
  })

/** The port of a TCP multiaddress: `/ip4/127.0.0.1/tcp/5001`. Sockets of the file system have none. */
export function portOf(multiaddress: string): number | undefined {
  const port = /^(?:\/ip6zone\/[^/]+)?\/(?:ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/(\d{1,5})(?:\/|$)/.exec(
    multiaddress,
  )?.[1]
  return port === undefined ? undefined : Number(port)
}

/** The port of an API's address in agent.yaml, where it is on this host. */
export function portOfUrl(url: string): number | undefined {
  if (!URL.canParse(url)) return undefined
  const { hostname, port, protocol } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') return undefined
  const isHere = ['localhost', '[::1]'].includes(hostname) || hostname.startsWith('127.')
  return isHere ? Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port) : undefined
}
