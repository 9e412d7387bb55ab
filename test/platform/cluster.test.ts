import { contentContract } from '../contracts/content.contract.ts'
import { httpContentBench, httpPinningBench } from '../contracts/http-bench.ts'
import { pinningContract } from '../contracts/pinning.contract.ts'
import { lab } from './lab.ts'

const { peers, versions } = lab.state
const [first] = peers
if (first === undefined) throw new Error('the lab has no native peers: run "npm run lab -- up"')
const known = Object.entries(versions)
  .map(([program, version]) => `${program} ${version}`)
  .join(', ')

pinningContract(`a real Cluster peer over TCP (${known})`, async () => httpPinningBench(first.clusterApi))
contentContract(`a real Kubo over TCP (${known})`, async () => httpContentBench(first.kuboApi))

const { clusterSocket } = first
if (clusterSocket === undefined) throw new Error('the first native peer of the lab listens on a unix socket too')
pinningContract('a real Cluster peer over a unix socket', async () =>
  httpPinningBench(first.clusterApi, { api: { url: `unix:${clusterSocket}` } }),
)
