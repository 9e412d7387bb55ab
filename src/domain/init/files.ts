import { Name } from '../fleet.ts'
import { bytesText } from '../text-units.ts'
import type { HostDraft, InitPlan } from './plan.ts'
import { type StoreDraft, writablePeer, writableUrl } from './stores.ts'
import { commented, scalar } from './yaml.ts'

type PlacedStore = HostDraft['stores'][number]

/** A file to write: its name, in the folder that was asked for. */
export interface InitFile {
  name: string
  text: string
}

/** The fleet file, and for each host the file that goes to its /etc/tiercel/agent.yaml. */
export function initFiles(plan: InitPlan, { sshConfig }: { sshConfig?: string | undefined } = {}): InitFile[] {
  return [
    { name: 'tiercel.yaml', text: fleetText(plan, sshConfig) },
    ...plan.hosts.map((host) => ({ name: agentFileName(host.name), text: agentText(host) })),
  ]
}

export const agentFileName = (host: string): string => `agent-${host}.yaml`

function fleetText({ hosts, clusters }: InitPlan, sshConfig: string | undefined): string {
  const tiers = [...new Set(hosts.flatMap(({ stores }) => stores.map(({ tier }) => tier)))]
  return lines(
    '# The fleet file: what there is, and what is expected of it. Written by `tiercel init` from what it saw; it is yours now.',
    '# Check it with `tiercel config check`; `tiercel config schema` prints its JSON Schema, for editors.',
    'apiVersion: 1',
    '',
    ...(clusters.length === 0
      ? ['# No Kubo and no Cluster peer was seen, so there are no clusters yet.', 'clusters: []']
      : ['clusters:', ...clusters.flatMap((cluster) => clusterLines(cluster))]),
    '',
    ...(tiers.length === 0
      ? ['tiers: []']
      : [
          'tiers:',
          ...tiers.map((tier) => `  - name: ${scalar(tier)}`),
          '    # POOL_NEARLY_FULL: from which share in use on. 80% and 90% are the defaults, for each tier.',
          '    # poolFill: { warning: 80%, critical: 90% }',
        ]),
    '',
    'hosts:',
    ...hosts.flatMap((host) => hostLines(host)),
    '',
    '# Thresholds of checks; these are the defaults.',
    '# checks:',
    '#   scrubOverdue: { after: 35d } # SCRUB_OVERDUE',
    '#   arcHitRatio: { warning: 85%, critical: 70% } # ARC_HIT_RATIO_LOW',
    ...(sshConfig === undefined ? [] : ['', 'ssh:', `  config: ${scalar(sshConfig)}`]),
  )
}

function clusterLines({ name, consensus, others }: InitPlan['clusters'][number]): string[] {
  const peers = others.filter((id) => writablePeer({ kind: 'cluster', asksCredentials: false, sees: [], id }))
  return [
    `  - name: ${scalar(name)}`,
    consensus === undefined
      ? '    consensus: crdt # or raft: its service.json could not be read, so the default is assumed'
      : `    consensus: ${consensus}`,
    ...(peers.length === 0
      ? []
      : [
          '    # Peers that ours see and that are no store below. A declared peer that no one sees is a finding.',
          '    peers:',
          ...peers.map((id) => `      - id: ${id}`),
        ]),
  ]
}

function hostLines(host: HostDraft): string[] {
  const { name, address, stores, discovery } = host
  const isLocal = address === 'local'
  const examples = stores.length === 0 ? exampleLines(discovery.pools.map((pool) => pool.name)) : []
  return [
    `  - name: ${scalar(name)}`,
    isLocal ? '    address: local # the machine this runs on: no agent has to run' : `    address: ${scalar(address)}`,
    ...poolLines(host, '    '),
    ...discovery.notes.map((note) => `    # ${commented(note)}`),
    stores.length === 0 ? '    stores: []' : '    stores:',
    ...examples,
    ...stores.flatMap((store) => [
      ...storeHead(store, '      ', false),
      ...(writablePeer(store.peer) === undefined
        ? []
        : [`        peer: ${writablePeer(store.peer)} # the expected ID of the Cluster peer`]),
      // Of a host with an agent, its agent.yaml knows the addresses.
      ...(isLocal ? apiLines(store, '        ') : []),
    ]),
  ]
}

/** Without Kubo there is no store; its pools are looked at all the same. */
function exampleLines(pools: readonly string[]): string[] {
  const [pool] = pools
  if (pool === undefined) return []
  // The runbook names pools by tier: hot-tier.
  const name = Name.safeParse(pool.replace(/-tier$/, '')).data ?? 'hot'
  return [
    '    # Its pools are looked at as they are. A store says what a pool is for; it needs a tier and a cluster above:',
    `    #   - { name: ${name}, tier: ${name}, cluster: main, pool: ${commented(scalar(pool))}, kuboApi: 'http://127.0.0.1:5001' }`,
  ]
}

function poolLines({ discovery, stores }: HostDraft, indent: string): string[] {
  return discovery.pools.map(({ name, size, health }) => {
    const use = stores.some(({ pool }) => pool === name) ? '' : '; no store lies on it'
    return `${indent}# Pool ${commented(name)}: ${bytesText(size)}, ${commented(health)}${use}.`
  })
}

function storeHead(store: PlacedStore, indent: string, isAgent: boolean): string[] {
  const { name, tier, cluster, pool, dataset, notes, isTierSeen } = store
  const inner = `${indent}  `
  return [
    ...notes.map((note) => `${indent}# ${commented(note)}`),
    `${indent}- name: ${scalar(name)}${isAgent ? ' # as in the fleet file' : ''}`,
    `${inner}tier: ${scalar(tier)}${isTierSeen ? '' : ' # not seen'}`,
    `${inner}cluster: ${scalar(cluster)}`,
    ...(pool === undefined ? [] : [`${inner}pool: ${scalar(pool)}`]),
    ...(dataset === undefined
      ? []
      : [`${inner}dataset: ${scalar(dataset)} # holds the Kubo repository and the Cluster folder`]),
  ]
}

function apiLines(store: StoreDraft & { name: string }, indent: string): string[] {
  const apis = { clusterApi: store.peer, kuboApi: store.kubo }
  return Object.entries(apis).flatMap(([key, daemon]) => {
    const url = writableUrl(daemon)
    if (url === undefined) return daemon === undefined ? [] : [`${indent}# ${key}: where it answers could not be seen`]
    const version = daemon?.version === undefined ? '' : ` # ${commented(daemon.version)}`
    if (daemon?.asksCredentials !== true) return [`${indent}${key}: ${scalar(url)}${version}`]
    return [
      `${indent}${key}:`,
      `${indent}  url: ${scalar(url)}`,
      `${indent}  # It asks for credentials: its user, and a file (mode 0640, group tiercel) that holds the password alone.`,
      `${indent}  auth: { basic: { user: operator, password: { file: /etc/tiercel/${store.name}-${daemon.kind}.password } } }`,
    ]
  })
}

function agentText(host: HostDraft): string {
  const { name, stores } = host
  return lines(
    `# For /etc/tiercel/agent.yaml on ${name}: what only that host itself knows. Written by \`tiercel init\`.`,
    '# `tiercel agent check` says whether it is right; then: systemctl restart tiercel-agent',
    'apiVersion: 1',
    `host: ${scalar(name)}`,
    '# token: { file: /etc/tiercel/agent.token } # the default; `tiercel agent install` makes it',
    '# socket: /run/tiercel/agent.sock # the default',
    ...poolLines(host, ''),
    stores.length === 0 ? 'stores: []' : 'stores:',
    ...stores.flatMap((store) => [
      ...storeHead(store, '  ', true),
      ...apiLines(store, '    '),
      ...unitLines(store, '    '),
    ]),
  )
}

function unitLines({ peer, kubo }: StoreDraft, indent: string): string[] {
  const units = Object.entries({ cluster: peer, kubo }).flatMap(([key, daemon]) =>
    daemon?.unit === undefined ? [] : [`${key}: ${scalar(daemon.unit)}`],
  )
  const bare = [peer, kubo].filter((daemon) => daemon !== undefined && daemon.unit === undefined)
  return [
    ...(units.length === 0 ? [] : [`${indent}units: { ${units.join(', ')} }`]),
    ...bare.map(
      (daemon) => `${indent}# Its ${daemon?.kind === 'kubo' ? 'Kubo' : 'Cluster peer'} runs in no systemd unit.`,
    ),
  ]
}

const lines = (...some: string[]): string => `${some.join('\n')}\n`
