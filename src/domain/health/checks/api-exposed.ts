import type { Endpoint, Service } from '../../daemons.ts'
import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import type { Finding, Severity } from '../finding.ts'
import { placeOfStore, presentOf, type StoreOnHost, storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

export const apiExposed: Check = {
  code: 'API_EXPOSED',
  title: 'An API of Cluster or Kubo listens beyond its own host',
  severities: ['critical', 'warning', 'info'],
  explanation: {
    meaning:
      'A service of a store is bound to an address that is not loopback. Critical: it answered a harmless request without credentials (`GET /version` or `POST /api/v0/version`, sent from the host to its own address; no other machine is asked). Warning: it wants credentials but has no TLS, or did not answer. Info: a gateway, which is made to be read from. The ports are those of agent.yaml, of Kubo’s configuration, and of service.json where that may be read. A firewall in front is not seen.',
    endangers:
      'The REST API, the pinning API, the proxy and the RPC of Kubo can all remove pins and content; there are no lesser rights.',
    remedy:
      'Bind the service to 127.0.0.1 or to a unix socket, or take it out of service.json where nobody needs it (proxy, pinning API); else put TLS and credentials in front. Until then, a firewall.',
    settings: ['stores[].clusterFolder in agent.yaml'],
    sources: [
      'proc_net(5): /proc/net/tcp, /proc/net/tcp6',
      'with credentials set, ipfs-cluster 1.1.6 answers 401 to every path but /health; the proxy knows none, and hands the RPC of Kubo through (measured on 1.1.6)',
    ],
  },
  find: (view) =>
    answered(view).flatMap((host) =>
      storesOf(host).flatMap((store) => {
        const endpoints = presentOf(store.observed?.exposure, host) ?? []
        return [...Map.groupBy(endpoints, ({ service }) => service)].flatMap(([service, some]) =>
          judge(store, service, some),
        )
      }),
    ),
}

function judge(store: StoreOnHost, service: Service, endpoints: readonly Endpoint[]): Finding[] {
  const { host, name, observed } = store
  const judged = endpoints.flatMap((endpoint) => {
    const severity = severityOf(endpoint)
    return severity === undefined ? [] : [{ endpoint, severity }]
  })
  const severity = (['critical', 'warning', 'info'] as const).find((one) => judged.some((two) => two.severity === one))
  const worst = judged.find((one) => one.severity === severity)?.endpoint
  if (severity === undefined || worst === undefined || observed?.exposure === null || observed === undefined) return []
  const where = `${worst.address} port ${worst.port}`
  return [
    {
      code: 'API_EXPOSED',
      severity,
      subject: `${host.name}/${name}/${service}`,
      place: placeOfStore(store, service.startsWith('kubo') ? 'kubo' : 'peer'),
      summary: `${called[service]} of store ${name} on ${host.name} listens on ${where}${said[worst.answer](worst)}.`,
      evidence: evidenceFrom(
        observed.exposure,
        host.now,
        Object.fromEntries(
          judged.map(({ endpoint }) => [
            `${endpoint.address} port ${endpoint.port}`,
            `${endpoint.answer}${endpoint.tls ? ', TLS' : ''}`,
          ]),
        ),
      ),
      endangers:
        severity === 'critical'
          ? `Whoever reaches ${host.name} at this port can remove ${service.startsWith('kubo') ? 'the content of this store' : 'every pin of the cluster'}.`
          : severity === 'warning'
            ? 'Credentials can be read on the way, and then used to remove pins.'
            : '',
      remedy: remedyOf[service],
    },
  ]
}

function severityOf({ service, answer, tls }: Endpoint): Severity | undefined {
  if (service === 'kubo-gateway') return 'info'
  if (answer === 'open') return 'critical'
  return tls && answer === 'refused' ? undefined : 'warning'
}

const called: Readonly<Record<Service, string>> = {
  'cluster-api': 'The REST API of the Cluster peer',
  'ipfs-proxy': 'The IPFS proxy of the Cluster peer',
  'pinning-api': 'The pinning service API of the Cluster peer',
  'kubo-rpc': 'The RPC API of the Kubo',
  'kubo-gateway': 'The gateway of the Kubo',
}

const said: Readonly<Record<Endpoint['answer'], (endpoint: Endpoint) => string>> = {
  open: () => ', and does what anybody asks, without credentials',
  refused: ({ tls }) => (tls ? ', with TLS and credentials' : ', with credentials but without TLS'),
  silent: () => ', and gave no answer that would tell whether it wants credentials',
  'not-asked': () => ', for everybody who reaches it',
}

const firewall = 'Until then keep its port closed to other machines with a firewall.'
const remedyOf: Readonly<Record<Service, string>> = {
  'cluster-api': `Set api.restapi.http_listen_multiaddress to /ip4/127.0.0.1/tcp/9094 or a unix socket and restart the peer; if others need it, give it basic_auth_credentials, ssl_cert_file and ssl_key_file. ${firewall}`,
  'ipfs-proxy': `Take api.ipfsproxy out of service.json if nobody uses it, else set its listen_multiaddress to 127.0.0.1; restart the peer. It knows no credentials. ${firewall}`,
  'pinning-api': `Take api.pinsvcapi out of service.json if nobody uses it, else give it credentials and TLS; restart the peer. ${firewall}`,
  'kubo-rpc': `\`ipfs config Addresses.API /ip4/127.0.0.1/tcp/5001\` and restart this Kubo; Cluster can reach it over loopback or a unix socket only without credentials. ${firewall}`,
  'kubo-gateway':
    'Nothing, if the gateway is meant for others. Else: `ipfs config Addresses.Gateway /ip4/127.0.0.1/tcp/8080`, and restart this Kubo.',
}
