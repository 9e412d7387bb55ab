import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCluster, startKubo, stopCluster, stopKubo, waitForMembership } from '../../lab/peers.ts'
import { type LabPeer, withPeer } from '../../lab/state.ts'
import { httpClusterBench } from '../contracts/cluster-bench.ts'
import { clusterContract } from '../contracts/cluster.contract.ts'
import { contentContract } from '../contracts/content.contract.ts'
import { httpContentBench, httpPinningBench } from '../contracts/http-bench.ts'
import { pinningContract } from '../contracts/pinning.contract.ts'
import { half } from './half.ts'
import { lab } from './lab.ts'

const { peers, versions } = lab.state
const [first] = peers
if (first === undefined) throw new Error('the lab has no native peers: run "npm run lab -- up"')
const known = Object.entries(versions)
  .map(([program, version]) => `${program} ${version}`)
  .join(', ')

const { clusterSocket } = first
if (clusterSocket === undefined) throw new Error('the first native peer of the lab listens on a unix socket too')

/** Ends or starts a daemon of a native peer; the lab remembers it. */
async function change(index: number, act: (peer: LabPeer) => Promise<LabPeer>): Promise<void> {
  const peer = await act(lab.peer(index))
  lab.update((state) => withPeer(state, peer))
}

/** The last of the three is made to run with another secret, or with its own: the private network keeps the two apart. */
async function restartAlone(overrides: Readonly<Record<string, string>>): Promise<void> {
  await change(2, (peer) => stopCluster(peer))
  await change(2, (peer) => startCluster(lab.paths, peer, overrides))
}

half('contracts of Cluster and Kubo', () => {
  pinningContract(`a real Cluster peer over TCP (${known})`, async () => httpPinningBench(first.clusterApi))
  contentContract(`a real Kubo over TCP (${known})`, async () => httpContentBench(first.kuboApi))
  pinningContract('a real Cluster peer over a unix socket', async () =>
    httpPinningBench(first.clusterApi, { api: { url: `unix:${clusterSocket}` } }),
  )
  clusterContract(`three real Cluster peers (${known})`, async () =>
    httpClusterBench({
      peers: peers.slice(0, 3).map(({ peerId, clusterApi, kuboApi }) => ({ id: peerId, clusterApi, kuboApi })),
      stopKubo: (index) => change(index, (peer) => stopKubo(peer)),
      startKubo: (index) => change(index, (peer) => startKubo(lab.paths, peer)),
      split: async () => {
        await restartAlone({ CLUSTER_SECRET: randomBytes(32).toString('hex') })
        // A peer that has gone is seen until its last ping has expired.
        await sleep(3 * lab.state.pingIntervalMs)
      },
      heal: async () => {
        await restartAlone({})
        await waitForMembership(lab.state.peers)
      },
    }),
  )
})
