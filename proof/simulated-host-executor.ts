import { AsyncLocalStorage } from 'node:async_hooks'
import { readPolicy } from '../src/adapters/policy/policy-file.ts'
import { systemClock } from '../src/adapters/system/clock.ts'
import { listenOn } from '../src/adapters/system/listen.ts'
import { readSecret } from '../src/adapters/system/secrets.ts'
import { executorServer } from '../src/executor/http.ts'
import { rootOperations } from '../src/executor/root-operations.ts'
import { hostOf } from '../src/sim/lookup.ts'
import { stateOf } from '../src/sim/pool-view.ts'
import { simulatorClient } from '../src/sim/process/client.ts'
import { readState } from '../src/sim/process/state-file.ts'
import { execOn, SimulatedHost, socketsOf } from './simulated-host.ts'

// The executor of a simulated host as a process of its own: all of it is the real one, but that its programs run in the
// simulator. It says a line on standard output when it listens, and ends with its input.

const place = SimulatedHost.parse(JSON.parse(process.argv[2] ?? ''))
/** The operation that root works on: it is for the executor's audit, and here for the list of effects too. */
const worksOn = new AsyncLocalStorage<string | undefined>()
const exec = execOn(simulatorClient(place.simulator), place.host, () => worksOn.getStore())
const policy = () => readPolicy(place.policy)

/** As the kernel's statistics: read at once, from what the simulator has stored. */
function poolState(pool: string): string | undefined {
  const world = readState(place.state)?.world
  const found = world === undefined ? undefined : hostOf(world, place.host).pools.find(({ name }) => name === pool)
  return found === undefined || !found.imported ? undefined : stateOf(found)
}

const operations = rootOperations({
  exec,
  clock: systemClock,
  policy,
  poolState,
  audit: (line) => process.stderr.write(`${JSON.stringify(line)}\n`),
})
const server = executorServer({
  exec,
  token: await readSecret({ file: place.token }),
  tiercelVersion: 'proof',
  policy,
  operations: {
    ...operations,
    operate: (operation, id, told) => worksOn.run(id, () => operations.operate(operation, id, told)),
  },
  clusterFolder: () => '/',
})
await listenOn(server, socketsOf(place).executor, 0o600)
process.stdin.once('end', () => process.exit(0))
process.stdin.resume()
process.stdout.write('ready\n')
