import { createServer } from 'node:http'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { listenOn } from '../src/adapters/system/listen.ts'
import { systemClock } from '../src/adapters/system/clock.ts'
import { agentApp } from '../src/agent/http.ts'
import { ProbeTiming } from '../src/domain/probe.ts'
import { createObserver } from '../src/observe/observer.ts'
import { placementDesks } from '../src/observe/placement.ts'
import { simHost } from '../src/sim/ports.ts'
import { createSimulator } from '../src/sim/process/simulator.ts'
import { ServedClusters, worldOf } from './served-clusters.ts'

// A process that serves the agents of simulated hosts, each on its own socket, through the agent's own HTTP app. Its first
// argument says which; it says a line on standard output when all of them listen, and ends with its input.

const { folder, token, clusters, silent } = ServedClusters.parse(JSON.parse(process.argv[2] ?? ''))
const timing = ProbeTiming.parse({})

for (const cluster of clusters) {
  const world = worldOf(cluster, Date.now())
  const simulator = createSimulator({ world, save: () => undefined, realTime: () => performance.now() })
  // Ports read the world as it is: somebody has to move its time on.
  setInterval(() => simulator.look(() => undefined), 500)
  const serve = async (name: string): Promise<void> => {
    const host = simHost(world, name)
    const observer = createObserver({ host, timing, clock: systemClock, tiercelVersion: 'proof' })
    await observer.once()
    observer.start()
    const app = agentApp({
      host: name,
      tiercelVersion: 'proof',
      token,
      observation: () => observer.observation(),
      placements: placementDesks(host, systemClock),
    })
    const listener = getRequestListener(app.fetch)
    const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
    await listenOn(server, join(folder, `${name}.sock`), 0o600)
  }
  // Side by side: the first look of each takes a second.
  await Promise.all(world.hosts.filter(({ name }) => !silent.includes(name)).map(({ name }) => serve(name)))
}
process.stdin.once('end', () => process.exit(0))
process.stdin.resume()
process.stdout.write('ready\n')
