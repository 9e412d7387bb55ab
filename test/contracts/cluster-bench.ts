import { setTimeout as sleep } from 'node:timers/promises'
import { clusterPinning } from '../../src/adapters/cluster/cluster-pinning.ts'
import { kuboContent } from '../../src/adapters/kubo/kubo-content.ts'
import type { ClusterBench } from './cluster.contract.ts'

/** Three peers by the URLs of their daemons, and what only their surroundings can do to them. */
export interface HttpClusterOptions extends Pick<ClusterBench, 'stopKubo' | 'startKubo' | 'split' | 'heal'> {
  peers: readonly { id: string; clusterApi: string; kuboApi: string }[]
  settle?: () => Promise<void>
  close?: () => Promise<void>
}

/** Our clients on three peers, which are changed over their own APIs. */
export function httpClusterBench(options: HttpClusterOptions): ClusterBench {
  const [first, second, third] = options.peers.map(({ id, clusterApi, kuboApi }) => ({
    id,
    pinning: clusterPinning({ url: clusterApi }),
    content: kuboContent({ url: kuboApi }),
  }))
  if (first === undefined || second === undefined || third === undefined) throw new Error('a cluster of three peers')
  const urls = (peer: number) => {
    const found = options.peers[peer]
    if (found === undefined) throw new Error(`no peer ${peer}`)
    return found
  }
  const inKubo = async (peer: number, command: 'add' | 'rm', cid: string) => {
    const url = `${urls(peer).kuboApi}/api/v0/pin/${command}?arg=${cid}`
    const response = await fetch(url, { method: 'POST' })
    const text = await response.text()
    if (!response.ok) throw new Error(`POST ${url} answered HTTP ${response.status}: ${text}`)
  }
  const { stopKubo, startKubo, split, heal } = options
  return {
    peers: [first, second, third],
    async ask(peer, method, path) {
      const response = await fetch(`${urls(peer).clusterApi}${path}`, { method })
      await response.text()
      return response.status
    },
    pinInKubo: (peer, cid) => inKubo(peer, 'add', cid),
    unpinInKubo: (peer, cid) => inKubo(peer, 'rm', cid),
    stopKubo,
    startKubo,
    split,
    heal,
    settle: options.settle ?? (async () => sleep(500)),
    async close() {
      for (const { pinning, content } of [first, second, third]) {
        await pinning.close()
        await content.close()
      }
      await options.close?.()
    },
  }
}
