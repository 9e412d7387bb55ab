import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { pino } from 'pino'
import { systemClock } from '../src/adapters/system/clock.ts'
import { listenOn } from '../src/adapters/system/listen.ts'
import { readSecret } from '../src/adapters/system/secrets.ts'
import { createActing } from '../src/agent/acting.ts'
import { agentApp } from '../src/agent/http.ts'
import { AgentConfig } from '../src/domain/agent-config.ts'
import { createObserver } from '../src/observe/observer.ts'
import { simulatorClient } from '../src/sim/process/client.ts'
import { remoteHost } from '../src/sim/process/remote-host.ts'
import { SimulatedHost, socketsOf } from './simulated-host.ts'

// The agent of a simulated host as a process of its own: its operations, their log and its answers are the real ones, what it
// looks at is the simulator's. It says a line on standard output when it listens, and ends with its input.

const place = SimulatedHost.parse(JSON.parse(process.argv[2] ?? ''))
const sockets = socketsOf(place)
const token = { file: place.token }
const config = AgentConfig.parse({
  apiVersion: 1,
  host: place.host,
  socket: sockets.agent,
  token,
  grantToken: token,
  executor: { socket: sockets.executor, token },
  operations: { folder: `${place.folder}/operations` },
})
const log = pino({ name: `agent of ${place.host}` }, pino.destination(2))
const host = remoteHost(simulatorClient(place.simulator), place.host)
const observer = createObserver({ host, timing: config.probes, clock: systemClock, tiercelVersion: 'proof' })
const acting = createActing(config, { clock: systemClock, log, host, observer })
const app = agentApp({
  host: place.host,
  tiercelVersion: 'proof',
  token: await readSecret(token),
  observation: () => observer.observation(),
  acting: (routes) => acting.addRoutes(routes),
})
const listener = getRequestListener(app.fetch)
const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
await acting.open()
await listenOn(server, sockets.agent, 0o600)
acting.start()
observer.start()
process.stdin.once('end', () => process.exit(0))
process.stdin.resume()
process.stdout.write('ready\n')
