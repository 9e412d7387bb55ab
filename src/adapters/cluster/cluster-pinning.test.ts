import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { milliseconds } from '../../domain/units.ts'
import { ListEndedEarly, PeerAnswered } from '../http/errors.ts'
import { serveOnLoopback } from '../http/loopback-server.ts'
import { replayOnLoopback } from '../http/replay-server.ts'
import { clusterPinning } from './cluster-pinning.ts'

const recorded = (name: string) =>
  join(import.meta.dirname, '../../../test/fixtures/ipfs-cluster-1.1.6', `${name}.http`)

const p0 = '12D3KooWDbQv3FQxsFmi4QZJRNQWjQ6V1jLB66jJPxQXaA6HQXMH'
const p1 = '12D3KooW9siXUTZFwEfTt2N7rHLjgjow8amuppY5SpF5w4EtRPMd'
const nowhere = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'

/** The client, on what a real peer answered. */
async function onRecorded(answers: Record<string, string>) {
  const files = Object.entries(answers).map(([request, name]) => [request, recorded(name)])
  const server = await replayOnLoopback(Object.fromEntries(files))
  const pinning = clusterPinning({ url: server.url })
  return {
    pinning,
    async [Symbol.asyncDispose]() {
      await pinning.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** The client, on a peer that answers every request with this JSON; lists end well. */
async function onJson(text: string) {
  const server = await serveOnLoopback((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', trailer: 'X-Stream-Error' })
    response.write(text)
    response.addTrailers({ 'X-Stream-Error': '' })
    response.end()
  })
  const pinning = clusterPinning({ url: server.url })
  return {
    pinning,
    async [Symbol.asyncDispose]() {
      await pinning.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

const pinOn = (peers: Record<string, object>) => `${JSON.stringify({ cid: 'bafkqaaa', name: '', peer_map: peers })}\n`

describe('answers recorded from ipfs-cluster 1.1.6', () => {
  test('GET /id is the peer itself', async () => {
    await using peer = await onRecorded({ 'GET /id': 'id' })
    expect(await peer.pinning.self()).toEqual({
      id: p0,
      name: 'p0',
      version: '1.1.6',
      sees: [p1, p0],
      addresses: [`/ip4/127.0.0.1/tcp/47103/p2p/${p0}`],
      error: '',
      kubo: { id: '12D3KooWR2nABiVBZ3QC1ogmAKbAK9nHmutXdJywyBpXYKn1fXcR', error: '' },
    })
  })

  test('GET /id with its Kubo killed still answers, and says so', async () => {
    await using peer = await onRecorded({ 'GET /id': 'id-kubo-down' })
    const { kubo, error } = await peer.pinning.self()
    expect(error).toBe('')
    expect(kubo.id).toBe('')
    expect(kubo.error).toContain('connection refused')
  })

  test('GET /peers is every peer that it sees', async () => {
    await using peer = await onRecorded({ 'GET /peers': 'peers' })
    expect((await Array.fromAsync(peer.pinning.peers())).map(({ id }) => id).toSorted()).toEqual([p1, p0])
  })

  test('GET /allocations is the pinset, with nulls made empty and "no time" made null', async () => {
    await using peer = await onRecorded({ 'GET /allocations': 'allocations' })
    expect(await Array.fromAsync(peer.pinning.allocations())).toEqual([
      expect.objectContaining({ cid: 'bafkqaaa', name: 'empty block', metadata: { tier: 'hot' }, expiresAt: null }),
      expect.objectContaining({ name: 'hello', metadata: {}, expiresAt: '2026-11-27T11:30:01Z' }),
      expect.objectContaining({ cid: nowhere, allocations: [p1, p0], replicationMin: 1, replicationMax: 2 }),
    ])
  })

  test('GET /allocations/{cid} is one pin, or none', async () => {
    await using peer = await onRecorded({
      'GET /allocations/bafkqaaa': 'allocation',
      'GET /allocations/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy': 'allocation-absent',
      'GET /allocations/nonsense': 'bad-cid',
    })
    expect(await peer.pinning.allocation('bafkqaaa')).toMatchObject({ cid: 'bafkqaaa', type: 'pin', mode: 'recursive' })
    expect(await peer.pinning.allocation('bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')).toBeUndefined()
    await expect(peer.pinning.allocation('nonsense')).rejects.toThrow(PeerAnswered)
  })

  test('GET /pins?local=true is each pin on this peer', async () => {
    await using peer = await onRecorded({ 'GET /pins?local=true': 'pins-local' })
    expect(await Array.fromAsync(peer.pinning.pins([]))).toEqual([
      expect.objectContaining({ cid: 'bafkqaaa', peer: p0, status: 'pinned', error: '', attempts: 0 }),
      expect.objectContaining({ name: 'hello', peer: p0, status: 'pinned' }),
      {
        cid: nowhere,
        name: 'nowhere',
        peer: p0,
        status: 'pin_error',
        error: 'context canceled',
        attempts: 1,
        since: '2026-11-23T07:30:11.376385858Z',
      },
    ])
  })

  test('GET /pins?local=true&filter=… is what is in trouble, or nothing (204)', async () => {
    await using peer = await onRecorded({
      'GET /pins?local=true&filter=pin_error,pinning': 'pins-local-trouble',
      'GET /pins?local=true&filter=unpin_error': 'pins-local-none',
      'GET /pins?local=true&filter=undefined': 'bad-filter',
    })
    const { pinning } = peer
    expect(await Array.fromAsync(pinning.pins(['pin_error', 'pinning']))).toMatchObject([{ cid: nowhere }])
    expect(await Array.fromAsync(pinning.pins(['unpin_error']))).toEqual([])
    await expect(Array.fromAsync(pinning.pins(['undefined']))).rejects.toThrow('invalid filter value')
  })

  test('GET /pins?local=true with its Kubo killed is an error, and not an empty list', async () => {
    await using peer = await onRecorded({ 'GET /pins?local=true': 'pins-local-kubo-down' })
    await expect(Array.fromAsync(peer.pinning.pins([]))).rejects.toThrow('could not get pinset from IPFS')
  })

  test('GET /monitor/metrics is the names of metrics', async () => {
    await using peer = await onRecorded({ 'GET /monitor/metrics': 'metric-names' })
    expect((await peer.pinning.metricNames()).toSorted()).toEqual(['freespace', 'ping', 'pinqueue', 'tag:group'])
  })

  test('GET /monitor/metrics/{name} keeps nanoseconds exact', async () => {
    await using peer = await onRecorded({
      'GET /monitor/metrics/freespace': 'metrics-freespace',
      'GET /monitor/metrics/ping': 'metrics-ping',
      'GET /monitor/metrics/nosuch': 'metrics-unknown',
    })
    const [first] = await peer.pinning.metrics('freespace')
    expect(first).toMatchObject({ name: 'freespace', peer: p1, valid: true })
    // The number nearest to it ends in other digits.
    expect(first?.expire).toBe(1_795_419_087_422_410_751n)
    expect(await peer.pinning.metrics('ping')).toHaveLength(2)
    expect(await peer.pinning.metrics('nosuch')).toEqual([])
  })
})

describe('what the peer never said before', () => {
  const info = { status: 'pinned', timestamp: '', error: '', attempt_count: 0 }

  test.each([
    { what: 'a state that we do not know', text: pinOn({ a: { ...info, status: 'pinned_twice' } }) },
    { what: 'no peer', text: pinOn({}) },
    { what: 'two peers, where one was asked', text: pinOn({ a: info, b: info }) },
    { what: 'an array, where a list of lines is expected', text: '[]\n' },
    { what: 'an error in the place of an item', text: '{"code":500,"message":"boom"}\n' },
  ])('$what is refused, with its text', async ({ text }) => {
    await using peer = await onJson(text)
    const error: unknown = await Array.fromAsync(peer.pinning.pins([])).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(UnexpectedOutput)
    expect(error).toMatchObject({ raw: text.trimEnd() })
  })

  test('unknown fields are accepted, and left out', async () => {
    await using peer = await onJson(pinOn({ a: { ...info, mood: 'good' } }))
    const [pin] = await Array.fromAsync(peer.pinning.pins([]))
    expect(Object.keys(pin ?? {}).toSorted()).toEqual(['attempts', 'cid', 'error', 'name', 'peer', 'since', 'status'])
  })

  test('null in the place of every list and map is empty', async () => {
    const nulls = { addresses: null, cluster_peers: null, error: null, ipfs: null, peername: null, version: null }
    await using peer = await onJson(JSON.stringify({ id: p0, ...nulls }))
    expect(await peer.pinning.self()).toEqual({
      id: p0,
      name: '',
      version: '',
      sees: [],
      addresses: [],
      error: '',
      kubo: { id: '', error: '' },
    })
    await using metrics = await onJson('null\n')
    expect(await metrics.pinning.metrics('ping')).toEqual([])
  })

  test('another server’s 404 is not "no such pin"', async () => {
    await using server = await serveOnLoopback((_request, response) => {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found')
    })
    const pinning = clusterPinning({ url: server.url })
    await expect(pinning.allocation('bafkqaaa')).rejects.toThrow('HTTP 404')
    await pinning.close()
  })
})

describe('a peer in trouble', () => {
  test('an error trailer makes the list fail after its items', async () => {
    await using server = await serveOnLoopback((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', trailer: 'X-Stream-Error' })
      response.write(`${JSON.stringify({ id: p0 })}\n`)
      response.addTrailers([
        ['X-Stream-Error', ''],
        ['X-Stream-Error', 'boom'],
      ])
      response.end()
    })
    const pinning = clusterPinning({ url: server.url })
    const seen: string[] = []
    const reading = (async () => {
      for await (const { id } of pinning.peers()) seen.push(id)
    })()
    await expect(reading).rejects.toThrow(ListEndedEarly)
    expect(seen).toEqual([p0])
    await pinning.close()
  })

  test('that waits for its Kubo is told from one that is silent', async () => {
    await using server = await serveOnLoopback((request, response) => {
      if (request.url !== '/version') return
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"version":"1.1.6"}')
    })
    await using silent = await serveOnLoopback(() => undefined)
    const soon = { valueWithin: milliseconds(300) }
    const [waiting, dead] = [clusterPinning({ url: server.url }, soon), clusterPinning({ url: silent.url }, soon)]
    await Promise.all([
      expect(waiting.self()).rejects.toThrow('waits for its Kubo'),
      expect(dead.self()).rejects.toThrow(/not answered within 0.3 s$/),
    ])
    await Promise.all([waiting.close(), dead.close()])
  })
})
