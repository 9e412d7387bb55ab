import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clusterPinning } from '../../src/adapters/cluster/cluster-pinning.ts'
import { kuboContent } from '../../src/adapters/kubo/kubo-content.ts'
import { Unreachable } from '../../src/domain/errors.ts'
import type { Content } from '../../src/domain/ports/content.ts'
import type { Pinning } from '../../src/domain/ports/pinning.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { applyFault } from '../../src/sim/faults/index.ts'
import { simHost } from '../../src/sim/ports.ts'
import { changedPins, pinsetNamed } from '../../src/sim/pinset.ts'
import { createFaces, type Faces } from '../../src/sim/process/faces.ts'
import { createSimulator } from '../../src/sim/process/simulator.ts'
import type { World } from '../../src/sim/world.ts'

const world = createWorld({ pins: 60 })
let faces: Faces

beforeAll(async () => {
  for (const fault of ['kubo-killed', 'pin-errors', 'cluster-killed']) applyFault(world, fault)
  faces = await facesOf(world)
})

afterAll(() => faces.close())

async function facesOf(of: World): Promise<Faces> {
  const opened = createFaces({
    simulator: createSimulator({ world: of, save: () => undefined, realTime: undefined }),
    knownPorts: {},
    report: (error) => {
      throw error
    },
  })
  await opened.reconcile()
  return opened
}

const url = (face: string) => `http://127.0.0.1:${faces.ports()[face] ?? 0}`

/** The ports of one store: in this process, and by the real clients over HTTP. */
function bothWays(host: string, store: string) {
  const found = simHost(world, host).stores.find(({ declaration }) => declaration.name === store)
  if (found?.pinning === undefined || found.content === undefined) throw new Error(`no store ${host}/${store}`)
  return {
    pinning: [found.pinning, clusterPinning({ url: url(`${host}/${store}/peer`) })] as const,
    content: [found.content, kuboContent({ url: url(`${host}/${store}/kubo`) })] as const,
  }
}

/** What the port in this process says, and what the client says. */
const askBoth = <Port>([direct, client]: readonly [Port, Port], ask: (port: Port) => Promise<unknown>) =>
  Promise.all([ask(direct), ask(client)])

const askPinning: Record<string, (pinning: Pinning) => Promise<unknown>> = {
  self: (pinning) => pinning.self(),
  peers: (pinning) => Array.fromAsync(pinning.peers()),
  allocations: (pinning) => Array.fromAsync(pinning.allocations()),
  'all pins': (pinning) => Array.fromAsync(pinning.pins([])),
  'pins in error': (pinning) => Array.fromAsync(pinning.pins(['pin_error'])),
  'queued pins': (pinning) => Array.fromAsync(pinning.pins(['pin_queued', 'pinning'])),
  pings: (pinning) => pinning.metrics('ping'),
  freespace: (pinning) => pinning.metrics('freespace'),
  'names of metrics': async (pinning) => (await pinning.metricNames()).toSorted(),
  'an unknown metric': (pinning) => pinning.metrics('unknown'),
}

describe('the real clients over the faces of the simulator', () => {
  it.each(Object.entries(askPinning))('tell of a peer what its port in the process tells: %s', async (_, ask) => {
    const [direct, client] = await askBoth(bothWays('n2', 'cold').pinning, ask)
    expect(client).toEqual(direct)
  })

  it('tell of a Kubo what its port in the process tells', async () => {
    const { content } = bothWays('n2', 'cold')
    const [direct, client] = await askBoth(content, (port: Content) => port.self())
    expect(client).toEqual(direct)
    const [settings, clientSettings] = await askBoth(content, (port: Content) => port.settings())
    expect(clientSettings).toEqual(settings)
    const [pins, clientPins] = await askBoth(content, (port: Content) => Array.fromAsync(port.pins()))
    expect(clientPins).toEqual(pins)
    expect(pins).not.toEqual([])
  })

  it('find one allocation, and miss one that is not there', async () => {
    const { pinning } = bothWays('n2', 'cold')
    const cid = changedPins(pinsetNamed(world, 'main'))[0]?.cid ?? ''
    const [direct, client] = await askBoth(pinning, (port: Pinning) => port.allocation(cid))
    expect(direct).toMatchObject({ cid })
    expect(client).toEqual(direct)
    const absent = `${cid.slice(0, -4)}aaaa`
    expect(await askBoth(pinning, (port: Pinning) => port.allocation(absent))).toEqual([undefined, undefined])
  })

  it('tell of the Cluster peer beside a dead Kubo that it is dead', async () => {
    const { pinning, content } = bothWays('n1', 'warm')
    expect(await pinning[1].self()).toMatchObject({ kubo: { id: '', error: expect.stringContaining('refused') } })
    for (const port of content) await expect(port.self()).rejects.toThrow(Unreachable)
    for (const port of pinning) await expect(Array.fromAsync(port.pins([]))).rejects.toThrow(/./)
  })

  it('find nobody where the Cluster peer was killed', async () => {
    for (const port of bothWays('n3', 'warm').pinning) await expect(port.self()).rejects.toThrow(Unreachable)
  })

  it.each(['html', 'half-list', 'error-trailer', 'huge-line'] as const)(
    'take no list from a peer that misbehaves: %s',
    async (mode) => {
      const pinning = bothWays('n1', 'hot').pinning[1]
      expect(await Array.fromAsync(pinning.allocations())).toHaveLength(60)
      faces.setMisbehaviour('n1/hot/peer', mode)
      await expect(Array.fromAsync(pinning.allocations())).rejects.toThrow(/./)
      faces.setMisbehaviour('n1/hot/peer', undefined)
      expect(await Array.fromAsync(pinning.allocations())).toHaveLength(60)
    },
  )
})

const recordings = join(import.meta.dirname, '../fixtures')

/** The first JSON value of a recorded answer, whose body is sent in chunks or whole. */
function recorded(path: string): unknown {
  const body = readFileSync(join(recordings, path), 'utf8').replaceAll('\r\n', '\n').split('\n\n').slice(1).join('\n\n')
  const line = body.split('\n').find((candidate) => /^[{[]/.test(candidate))
  return JSON.parse(line ?? 'null')
}

async function answered(face: string, path: string, method: string): Promise<unknown> {
  const body = await new Promise<string>((resolve, reject) => {
    const sent = request(`${url(face)}${path}`, { method }, (response) => {
      text(response).then(resolve, reject)
    })
    sent.once('error', reject)
    sent.end()
  })
  return JSON.parse(body.split('\n')[0] ?? 'null')
}

/** The names of all keys, with the peers of a map taken as one. */
function keysOf(content: unknown, before = ''): string[] {
  if (Array.isArray(content)) return keysOf(content[0], `${before}[]`)
  if (typeof content !== 'object' || content === null) return []
  return Object.entries(content).flatMap(([key, inner]) => {
    const name = key.startsWith('12D3KooW') ? 'PEER' : key
    // What a map holds is data, not shape.
    return [`${before}.${name}`, ...(name === 'metadata' ? [] : keysOf(inner, `${before}.${name}`))]
  })
}

describe('the faces of the simulator', () => {
  it.each([
    ['ipfs-cluster-1.1.6/id.http', 'n1/hot/peer', '/id', 'GET'],
    ['ipfs-cluster-1.1.6/id-kubo-down.http', 'n1/warm/peer', '/id', 'GET'],
    ['ipfs-cluster-1.1.6/peers.http', 'n1/hot/peer', '/peers', 'GET'],
    ['ipfs-cluster-1.1.6/allocations.http', 'n1/hot/peer', '/allocations', 'GET'],
    ['ipfs-cluster-1.1.6/pins-local.http', 'n1/hot/peer', '/pins?local=true', 'GET'],
    ['ipfs-cluster-1.1.6/pins-local-trouble.http', 'n2/cold/peer', '/pins?local=true&filter=pin_error', 'GET'],
    ['ipfs-cluster-1.1.6/pins-local-kubo-down.http', 'n1/warm/peer', '/pins?local=true', 'GET'],
    ['ipfs-cluster-1.1.6/metrics-freespace.http', 'n1/hot/peer', '/monitor/metrics/freespace', 'GET'],
    ['ipfs-cluster-1.1.6/bad-filter.http', 'n1/hot/peer', '/pins?local=true&filter=rubbish', 'GET'],
    ['ipfs-cluster-1.1.6/bad-cid.http', 'n1/hot/peer', '/allocations/rubbish', 'GET'],
    ['kubo-0.43.0/id.http', 'n1/hot/kubo', '/api/v0/id', 'POST'],
    ['kubo-0.43.0/version.http', 'n1/hot/kubo', '/api/v0/version', 'POST'],
    ['kubo-0.43.0/repo-stat.http', 'n1/hot/kubo', '/api/v0/repo/stat?size-only=true', 'POST'],
    ['kubo-0.43.0/pin-ls.http', 'n1/hot/kubo', '/api/v0/pin/ls?type=recursive&stream=true', 'POST'],
    ['ipfs-cluster-1.1.6/metric-names.http', 'n1/hot/peer', '/monitor/metrics', 'GET'],
    ['kubo-0.43.0/config-addresses.http', 'n1/hot/kubo', '/api/v0/config?arg=Addresses', 'POST'],
    ['kubo-0.43.0/config-absent.http', 'n1/hot/kubo', '/api/v0/config?arg=Reprovider.Strategy', 'POST'],
    ['kubo-0.43.0/bad-type.http', 'n1/hot/kubo', '/api/v0/pin/ls?type=wrong', 'POST'],
  ])('have the keys of the recorded %s, in their order', async (recording, face, path, method) => {
    expect(keysOf(await answered(face, path, method))).toEqual(keysOf(recorded(recording)))
  })
})
