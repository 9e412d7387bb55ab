import { setTimeout as sleep } from 'node:timers/promises'
import { clusterPinning } from '../../src/adapters/cluster/cluster-pinning.ts'
import { kuboContent } from '../../src/adapters/kubo/kubo-content.ts'
import type { Api } from '../../src/domain/fleet.ts'
import { newAbsentCid, newHeldCid } from '../builders/new-cid.ts'
import type { ContentBench } from './content.contract.ts'
import type { PinningBench } from './pinning.contract.ts'

/** What differs between the real daemons and the simulator's HTTP face. */
export interface HttpBenchOptions {
  /** How the client under test reaches the daemon, where that differs: over a unix socket, say. */
  api?: Api
  settle?: () => Promise<void>
  /** Default: pins the CID of a block that does not exist. */
  pinUnfetchable?: () => Promise<string>
  close?: () => Promise<void>
}

const halfASecond = async () => sleep(500)

/** Our client on a Cluster peer, which is changed over its own REST API at `url` (http://…, without credentials). */
export function httpPinningBench(url: string, options: HttpBenchOptions = {}): PinningBench {
  const pinning = clusterPinning(options.api ?? { url })
  const pinOnEvery = async (cid: string, query: URLSearchParams) => {
    query.set('replication', '-1')
    await send('POST', `${url}/pins/${cid}?${query.toString()}`)
  }
  const pinUnfetchable = async () => {
    const cid = newAbsentCid()
    await pinOnEvery(cid, new URLSearchParams({ name: 'absent' }))
    return cid
  }
  return {
    pinning,
    newCid: newHeldCid,
    async pin(cid, { name, metadata }) {
      const meta = Object.entries(metadata).map(([key, value]) => [`meta-${key}`, value])
      await pinOnEvery(cid, new URLSearchParams([['name', name], ...meta]))
    },
    unpin: async (cid) => send('DELETE', `${url}/pins/${cid}`),
    pinUnfetchable: options.pinUnfetchable ?? pinUnfetchable,
    settle: options.settle ?? halfASecond,
    close: async () => {
      await pinning.close()
      await options.close?.()
    },
  }
}

/** Our client on a Kubo, which is changed over its own RPC API at `url` (http://…, without credentials). */
export function httpContentBench(url: string, options: HttpBenchOptions = {}): ContentBench {
  const content = kuboContent(options.api ?? { url })
  return {
    content,
    newCid: newHeldCid,
    pin: async (cid) => send('POST', `${url}/api/v0/pin/add?arg=${cid}`),
    unpin: async (cid) => send('POST', `${url}/api/v0/pin/rm?arg=${cid}`),
    settle: options.settle ?? halfASecond,
    close: async () => {
      await content.close()
      await options.close?.()
    },
  }
}

async function send(method: 'POST' | 'DELETE', url: string): Promise<void> {
  const response = await fetch(url, { method })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url} answered HTTP ${response.status}: ${text}`)
}
