import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseYaml } from '../../src/adapters/files/parse-yaml.ts'
import { AgentConfig } from '../../src/domain/agent-config.ts'
import { Fleet } from '../../src/domain/fleet.ts'
import { type FoundDaemon, HostDiscovery } from '../../src/domain/init/discovery.ts'
import { initFiles } from '../../src/domain/init/files.ts'
import { answeredPlan, type Looked, planInit, questionsOf } from '../../src/domain/init/plan.ts'

const tib = 1024 ** 4
const peerId = (letter: string): string => `12D3KooW${letter.repeat(44)}`

const discovery = (over: Partial<HostDiscovery>): HostDiscovery => ({
  apiVersion: 1,
  host: 'n1',
  tiercelVersion: '0.1.0',
  pools: [],
  datasets: [],
  daemons: [],
  notes: [],
  ...over,
})
const pool = (name: string) => ({
  name,
  size: HostDiscovery.shape.pools.element.shape.size.parse(tib),
  health: 'ONLINE',
})
const dataset = (name: string, mountpoint = `/${name}`) => ({ name, mountpoint, mounted: true })
const kubo = (over: Partial<FoundDaemon>): FoundDaemon => ({ kind: 'kubo', asksCredentials: false, sees: [], ...over })
const peer = (over: Partial<FoundDaemon>): FoundDaemon => ({ ...kubo(over), kind: 'cluster' })

/** The files as Tiercel reads them: that they can be read is part of every test here. */
function read(looked: readonly Looked[], answers: Readonly<Record<string, string>> = {}) {
  const plan = answeredPlan(planInit(looked), new Map(Object.entries(answers)))
  const [fleet, ...agents] = initFiles(plan)
  return {
    text: fleet?.text ?? '',
    fleet: parseYaml('tiercel.yaml', fleet?.text ?? '', Fleet).value,
    agents: agents.map(({ name, text }) => parseYaml(name, text, AgentConfig).value),
    questions: questionsOf(planInit(looked)),
  }
}
const here = (over: Partial<HostDiscovery>) => read([{ address: 'local', discovery: discovery(over) }])

test('no pools, no daemons: a host, and nothing to ask', () => {
  const { fleet, agents, questions } = here({})
  expect(fleet).toMatchObject({ clusters: [], tiers: [], hosts: [{ name: 'n1', address: 'local', stores: [] }] })
  expect(agents).toMatchObject([{ host: 'n1', stores: [] }])
  expect(questions).toEqual([])
})

test('ZFS and nothing else: its pools are named in comments, and no store is made up', () => {
  const { fleet, text, questions } = here({ pools: [pool('tank'), pool('rpool')], datasets: [dataset('tank')] })
  expect(fleet.hosts[0]?.stores).toEqual([])
  expect(text).toContain('# Pool tank: 1.0 TiB, ONLINE; no store lies on it.')
  expect(questions).toEqual([])
})

const three = ['hot', 'warm', 'cold'].flatMap((tier, index) => {
  const root = `${tier}-tier/ipfs-cluster`
  const letter = 'abc'[index] ?? ''
  const unit = (kind: string) => `${kind}@${tier}.service`
  return [
    peer({
      id: peerId(letter),
      kuboId: peerId(letter.toUpperCase()),
      folder: `/${root}/cluster`,
      unit: unit('ipfs-cluster'),
      url: `http://127.0.0.1:${9094 + index * 10}`,
      sees: ['a', 'b', 'c'].filter((other) => other !== letter).map(peerId),
      consensus: 'crdt',
    }),
    kubo({
      id: peerId(letter.toUpperCase()),
      folder: `/${root}/kubo`,
      unit: unit('ipfs'),
      url: `http://127.0.0.1:${5001 + index * 10}`,
    }),
  ]
})
const threeTiers = {
  pools: ['cold-tier', 'hot-tier', 'warm-tier'].map(pool),
  datasets: ['hot', 'warm', 'cold'].flatMap((tier) =>
    ['', '/kubo', '/kubo/blocks', '/cluster'].map((end) => dataset(`${tier}-tier/ipfs-cluster${end}`)),
  ),
  // In whatever order they are found.
  daemons: three.toReversed(),
}

test('three tiers with the names of the runbook: stores, datasets, peers and units; only the cluster’s name is asked', () => {
  const { fleet, agents, questions } = here(threeTiers)
  expect(fleet.hosts[0]?.stores).toMatchObject([
    {
      name: 'hot',
      tier: 'hot',
      cluster: 'main',
      pool: 'hot-tier',
      dataset: 'hot-tier/ipfs-cluster',
      peer: peerId('a'),
    },
    { name: 'warm', tier: 'warm', pool: 'warm-tier', peer: peerId('b'), kuboApi: { url: 'http://127.0.0.1:5011' } },
    { name: 'cold', tier: 'cold', pool: 'cold-tier', peer: peerId('c'), clusterApi: { url: 'http://127.0.0.1:9114' } },
  ])
  expect(agents[0]?.stores[0]).toMatchObject({
    kuboApi: { url: 'http://127.0.0.1:5001' },
    units: { cluster: 'ipfs-cluster@hot.service', kubo: 'ipfs@hot.service' },
  })
  expect(fleet).toMatchObject({ clusters: [{ name: 'main', consensus: 'crdt', peers: [] }] })
  expect(questions.map(({ fallback }) => fallback)).toEqual(['main'])
})

test('answers go into both files', () => {
  const found = read([{ address: 'local', discovery: discovery(threeTiers) }], { 'cluster 0': 'archive' })
  expect(found.fleet.clusters[0]?.name).toBe('archive')
  expect(new Set(found.agents[0]?.stores.map(({ cluster }) => cluster))).toEqual(new Set(['archive']))
})

test('a pool with a blank in its name, and a Kubo whose repository lies on a dataset of it', () => {
  const { fleet, questions } = here({
    pools: [pool('my tank')],
    datasets: [dataset('my tank'), dataset('my tank/data: 1', '/srv/ipfs')],
    daemons: [kubo({ id: peerId('a'), folder: '/srv/ipfs/repo', url: 'http://127.0.0.1:5001', unit: 'ipfs.service' })],
  })
  expect(fleet.hosts[0]?.stores).toMatchObject([{ pool: 'my tank', dataset: 'my tank/data: 1', tier: 'main' }])
  expect(questions.map(({ text }) => text)).toEqual([
    'What is the cluster called',
    'Which tier is store n1/data-1 (my tank/data: 1)',
  ])
})

test('daemons without units, and off ZFS', () => {
  const daemons = [
    peer({ id: peerId('a'), folder: '/root/.ipfs-cluster' }),
    kubo({ id: peerId('b'), folder: '/root/.ipfs' }),
  ]
  const { fleet, agents, text } = here({ pools: [pool('tank')], datasets: [dataset('tank')], daemons })
  expect(fleet.hosts[0]?.stores).toMatchObject([{ name: 'main', peer: peerId('a') }])
  expect(fleet.hosts[0]?.stores[0]?.pool).toBeUndefined()
  expect(agents[0]?.stores[0]?.units).toBeUndefined()
  expect(text).toContain('lies on no ZFS dataset')
})

test('a folder beside a mount point is not on it, and an unmounted dataset holds nothing', () => {
  const daemons = [kubo({ folder: '/tank/ipfs2/repo' })]
  const datasets = [dataset('tank/ipfs'), { ...dataset('tank/ipfs2'), mounted: false }]
  expect(here({ pools: [pool('tank')], datasets, daemons }).fleet.hosts[0]?.stores[0]?.dataset).toBeUndefined()
  // The control.
  const mounted = [...datasets, dataset('tank')]
  expect(here({ pools: [pool('tank')], datasets: mounted, daemons }).fleet.hosts[0]?.stores[0]?.dataset).toBe('tank')
})

test('hosts that see each other are one cluster; strangers that they see are its peers; another is another', () => {
  const host = (name: string, letter: string, sees: string) => ({
    address: `ssh://${name}.example`,
    discovery: discovery({
      host: name,
      daemons: [peer({ id: peerId(letter), sees: sees.split('').map(peerId), tier: 'warm' })],
    }),
  })
  const { fleet, questions } = read([
    host('n3', 'x', ''),
    host('n1', 'a', 'bz'),
    host('n2', 'b', 'az'),
    host('n2', 'y', ''),
  ])
  expect(fleet.hosts.map(({ name, stores }) => [name, stores[0]?.cluster])).toEqual([
    ['n3', 'cluster-2'],
    ['n1', 'main'],
    ['n2', 'main'],
    ['n2-2', 'cluster-3'],
  ])
  expect(fleet.clusters[0]?.peers).toEqual([{ id: peerId('z') }])
  expect(fleet.hosts[1]?.stores[0]).toMatchObject({ name: 'warm', tier: 'warm', peer: peerId('a') })
  expect(questions).toHaveLength(3)
})

test('two peers with one ID, and a peer that wants credentials, can be written all the same', () => {
  const { fleet, text, agents } = here({
    daemons: [
      peer({ id: peerId('a'), folder: '/a' }),
      peer({ id: peerId('a'), folder: '/b' }),
      peer({ asksCredentials: true, url: 'http://127.0.0.1:9094', folder: '/c' }),
    ],
  })
  expect(fleet.hosts[0]?.stores.map((store) => store.peer)).toEqual([peerId('a'), undefined, undefined])
  expect(text).toContain('has the same ID as that of n1/main')
  expect(agents[0]?.stores.find((store) => store.clusterApi !== undefined)?.clusterApi).toMatchObject({
    auth: { basic: { password: { file: '/etc/tiercel/main-3-cluster.password' } } },
  })
})

/** Text that would be something else in YAML, and text of any kind. */
const hostile = fc.oneof(
  fc.constantFrom(
    'yes',
    '12e3',
    '# no',
    'a: b',
    "it's",
    '"',
    '- x',
    '*a',
    '{',
    '\n  evil: 1',
    ' lead',
    '\u2028x',
    '\u0085',
    '~',
    '0x1',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
)
const anyDaemon = fc.record({
  kind: fc.constantFrom('kubo' as const, 'cluster' as const),
  unit: hostile,
  folder: hostile,
  url: hostile,
  id: hostile,
  tier: hostile,
  version: hostile,
  asksCredentials: fc.boolean(),
  sees: fc.array(hostile, { maxLength: 2 }),
})
const anyDiscovery = fc.record({
  host: hostile,
  notes: fc.array(hostile, { maxLength: 2 }),
  names: fc.array(hostile, { maxLength: 3 }),
  daemons: fc.array(anyDaemon, { maxLength: 4 }),
})

test('whatever a host says, the files can be read, and say what it said and no more', () => {
  fc.assert(
    fc.property(fc.array(anyDiscovery, { minLength: 1, maxLength: 3 }), (said) => {
      const found = read(
        said.map(({ host, notes, names, daemons }, index) => ({
          address: index === 0 ? 'local' : `ssh://h${index}`,
          discovery: discovery({
            host,
            notes,
            pools: names.map(pool),
            datasets: names.map((name) => dataset(name, '/')),
            daemons,
          }),
        })),
      )
      expect(found.fleet.hosts).toHaveLength(said.length)
      const urls = new Set(said.flatMap(({ daemons }) => daemons.map(({ url }) => url)))
      for (const store of found.agents.flatMap(({ stores }) => stores)) {
        for (const api of [store.kuboApi, store.clusterApi]) expect(api === undefined || urls.has(api.url)).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})
