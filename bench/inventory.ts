import { clusterPinning } from '../src/adapters/cluster/cluster-pinning.ts'
import { startAgent, tiercel } from './agent.ts'
import { type Benchmark, mebibytes, ratioText, secondsText } from './benchmark.ts'
import { type Load, startLoadedPeers } from './loaded-peer.ts'
import { measure, memoryOf, middle } from './measure.ts'

/** Up to this many pins are really pinned in the Kubo of the peer; beyond, it would take hours. */
const mostHeld = 200_000

/** How often a refresh is measured; the one in the middle counts. An odd number. */
const turns = 3

/** The peer that benchmarks look at. */
export const load = (pins: number): Load => ({
  pins,
  held: pins <= mostHeld,
  peers: 1,
  called: pins <= mostHeld ? 'held' : 'elsewhere',
})

/** Reading the two lists that the pin index is built from. */
export const inventory: Benchmark = {
  name: 'inventory',
  title: 'both lists of one real peer, read whole, against curl and ipfs-cluster-ctl',
  async run({ pins, say }) {
    const loaded = await startLoadedPeers(load(pins), say)
    try {
      const [peer] = loaded.peers
      if (peer?.cluster === undefined) throw new Error('the peer does not run')
      const ctl = [`${loaded.programs.cluster}/ipfs-cluster-ctl`, '--host', multiaddress(peer.clusterApi)] as const
      const lists = [`${peer.clusterApi}/allocations`, `${peer.clusterApi}/pins?local=true`]
      const curl = async () => {
        let took = 0
        for (const list of lists) {
          const { took: one, stdout } = await measure(
            ['curl', '-sS', '-o', '/dev/null', '-w', '%{size_download}', list],
            { keep: true },
          )
          say(`curl ${list}: ${secondsText(one)}, ${stdout} bytes`)
          took += one
        }
        return took
      }
      // The first reading warms the peer's own caches, and is thrown away.
      await curl()
      const api = clusterPinning({ url: peer.clusterApi })
      const began = performance.now()
      const count = (await counted(api.allocations())) + (await counted(api.pins([])))
      const read = performance.now() - began
      await api.close()
      if (count !== 2 * pins) throw new Error(`${count} of ${2 * pins} lines came`)
      const agent = await startAgent('n1', [peer])
      const refresh = tiercel('pins', 'refresh', '--now', '--fleet', agent.fleetFile)
      // By turns, since a machine is not always as fast: each refresh against curl just before and just after it.
      let before = await curl()
      const bare = [before]
      const refreshed: { took: number; ratio: number }[] = []
      for (let turn = 0; turn < turns; turn += 1) {
        const { took } = await measure(refresh)
        const after = await curl()
        const ratio = (2 * took) / (before + after)
        say(`refresh: ${secondsText(took)}, ${ratioText(ratio)} of curl around it`)
        refreshed.push({ took, ratio })
        bare.push(after)
        before = after
      }
      const observer = memoryOf(agent.pid)
      await agent.stop()
      const reference = middle(bare)
      const peerBefore = memoryOf(peer.cluster.pid)
      const { took: listed } = await measure([...ctl, 'pin', 'ls'])
      const { took: status } = await measure([...ctl, 'status'])
      const peerAfter = memoryOf(peer.cluster.pid)
      const row = (what: string, took: number, memory = '') => [
        what,
        secondsText(took),
        ratioText(took / reference),
        memory,
      ]
      return {
        header: [`${pins.toLocaleString('en')} pins`, 'time', 'against curl', 'highest memory of the peer'],
        rows: [
          row('curl -o /dev/null of both lists', reference),
          row('both read, decoded and checked by our client', read),
          [
            `\`tiercel pins refresh --now\`: read, and made into a pin index (agent: at most ${mebibytes(observer.highest)})`,
            secondsText(middle(refreshed.map(({ took }) => took))),
            ratioText(middle(refreshed.map(({ ratio }) => ratio))),
            mebibytes(peerBefore.highest),
          ],
          row('ipfs-cluster-ctl pin ls', listed),
          row('ipfs-cluster-ctl status', status, mebibytes(peerAfter.highest)),
        ],
      }
    } finally {
      await loaded.stop()
    }
  },
}

async function counted(list: AsyncIterable<{ cid: string }>): Promise<number> {
  let count = 0
  for await (const { cid } of list) if (cid !== '') count += 1
  return count
}

/** `http://127.0.0.1:9094` as IPFS Cluster writes addresses. */
export function multiaddress(url: string): string {
  const { hostname, port } = new URL(url)
  return `/ip4/${hostname}/tcp/${port}`
}
