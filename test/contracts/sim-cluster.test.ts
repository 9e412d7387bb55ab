import { seconds } from '../../src/domain/units.ts'
import { createWorld, defaultStores } from '../../src/sim/create-world.ts'
import { membersOf } from '../../src/sim/lookup.ts'
import { createFaces } from '../../src/sim/process/faces.ts'
import { createSimulator } from '../../src/sim/process/simulator.ts'
import { healCluster, splitCluster } from '../../src/sim/split.ts'
import { clusterContract } from './cluster.contract.ts'
import { httpClusterBench } from './cluster-bench.ts'

clusterContract('the simulator, over HTTP', async () => {
  const world = createWorld({ stores: defaultStores.slice(0, 1), pins: 20 })
  // Nobody recovers by themselves while the contract looks.
  for (const cluster of world.clusters) cluster.recoverEvery = null
  const simulator = createSimulator({ world, save: () => undefined, realTime: undefined })
  const faces = createFaces({
    simulator,
    knownPorts: {},
    report: (error) => {
      throw error
    },
  })
  await faces.reconcile()
  const members = membersOf(world, 'main')
  const setKubo = async (peer: number, downSince: number | null) => {
    const member = members[peer]
    if (member === undefined) throw new Error(`no peer ${peer}`)
    member.store.kubo.downSince = downSince
    await faces.reconcile()
  }
  const url = (name: string) => `http://127.0.0.1:${faces.ports()[name] ?? 0}`
  return httpClusterBench({
    peers: members.map(({ host, store }) => ({
      id: store.peer.id,
      clusterApi: url(`${host.name}/${store.name}/peer`),
      kuboApi: url(`${host.name}/${store.name}/kubo`),
    })),
    stopKubo: (peer) => setKubo(peer, world.now),
    startKubo: (peer) => setKubo(peer, null),
    split: async () => {
      splitCluster(world, 'main', [members.slice(2).map(({ store }) => store.peer.declaredId)])
      simulator.advance(seconds(40))
    },
    heal: async () => healCluster(world, 'main'),
    settle: async () => simulator.advance(seconds(10)),
    close: () => faces.close(),
  })
})
