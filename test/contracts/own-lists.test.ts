import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clusterPinning } from '../../src/adapters/cluster/cluster-pinning.ts'
import { listenOn } from '../../src/adapters/system/listen.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import type { Pinning } from '../../src/domain/ports/pinning.ts'
import { lookAtMetrics } from '../../src/observe/look-at-metrics.ts'
import { lookAtPeer } from '../../src/observe/look-at-peer.ts'
import { lookAtPins } from '../../src/observe/look-at-pins.ts'
import { buildIndex } from '../../src/pinindex/build-index.ts'
import { unhurriedly } from '../../src/pinindex/pace.ts'

/*
 * A list of the whole cluster has every peer asked and costs the one that answers gigabytes (4 GB more at 1,000,000 pins, first
 * byte after 38 s): no look asks for it. Seen from the other side: what a peer is asked for.
 */

const folder = mkdtempSync(join(tmpdir(), 'tiercel-lists-'))
const socket = join(folder, 'peer.sock')
const { signal } = new AbortController()
let asked: string[] = []
let pinning: Pinning & { close(): Promise<void> }

const peer = createServer(({ method, url = '' }, answer) => {
  asked.push(`${method} ${url}`)
  if (url !== '/id') {
    answer.writeHead(url.startsWith('/monitor') ? 200 : 204, { 'content-type': 'application/json' })
    answer.end(url.startsWith('/monitor') ? '[]' : undefined)
    return
  }
  answer.writeHead(200, { 'content-type': 'application/json' })
  answer.end(JSON.stringify({ id: 'peer', addresses: [], cluster_peers: [], version: '1.1.6', ipfs: { id: 'kubo' } }))
})

beforeEach(async () => {
  asked = []
  if (!peer.listening) await listenOn(peer, socket, 0o600)
  pinning = clusterPinning({ url: `unix:${socket}` })
})
afterEach(() => pinning.close())

/** Requests for statuses that are not of this peer alone. */
const wide = (): string[] =>
  asked.filter((line) => /^GET \/pins(\?|\/|$)/.test(line) && !/[?&]local=true(&|$)/.test(line))

test('no look at a peer, and no making of its index, asks for a list of the whole cluster', async () => {
  await buildIndex({
    folder: join(folder, 'index'),
    pinning,
    content: undefined,
    clock: systemClock,
    pace: unhurriedly,
    signal,
  })
  await lookAtPins(pinning)(signal)
  await lookAtPeer(pinning, systemClock)(signal).catch(() => undefined)
  await lookAtMetrics(pinning, systemClock)(signal).catch(() => undefined)
  expect(asked).toEqual(expect.arrayContaining(['GET /id', 'GET /allocations', 'GET /pins?local=true']))
  expect(asked.length).toBeGreaterThan(4)
  expect(wide()).toEqual([])
})

test('that is seen here: one that does is caught', async () => {
  asked.push('GET /pins', 'GET /pins?filter=pinned', 'GET /pins?local=false', 'GET /pins?filter=pin_error&local=true')
  expect(wide()).toHaveLength(3)
  rmSync(folder, { recursive: true, force: true })
})
