import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { type ControllerClient, controllerClient } from '../src/adapters/controller/client.ts'
import { openPostgresStore } from '../src/adapters/store/open-postgres.ts'
import { openSqliteStore } from '../src/adapters/store/open-sqlite.ts'
import type { ControllerStore } from '../src/domain/ports/controller-store.ts'
import { findPostgres, startPostgres } from '../lab/postgres-server.ts'
import { simFleet } from '../src/sim/sim-fleet.ts'
import { type SimulatorClient, simulatorClient } from '../src/sim/process/client.ts'
import type { SimulatedHost } from './simulated-host.ts'
import { createVictim, type Victim } from './victim.ts'

/** One of each generation of OpenZFS: 2.1 tells its status in text, 2.3 in JSON. */
export const crashHosts = ['n1', 'n2'] as const

/** A simulated world in a process that is never killed, and the processes that are. */
export interface CrashBench {
  readonly folder: string
  /** The store of the controller, for whoever looks after its end. */
  openStore(): Promise<ControllerStore>
  readonly simulator: SimulatorClient
  /** The socket of the simulator, for its list of effects. */
  readonly control: string
  readonly victims: readonly Victim[]
  readonly controller: Victim
  client(): ControllerClient
  /** The folder of a host's agent. */
  operations(host: string): string
  close(options: { keep: boolean }): Promise<void>
}

const scrubTakes = '6s'

export async function openCrashBench(
  seed: number,
  keptIn: 'sqlite' | 'postgresql',
  { onLine, onCrash }: { onLine: (victim: string) => void; onCrash: (how: string) => void },
): Promise<CrashBench> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-crash-'))
  const at = (name: string) => join(folder, name)
  const control = at('sim.sock')
  const world = ['--socket', control, '--state', at('sim.json'), '--seed', String(seed), '--pins', '20']
  const referee = await startReferee([...world, '--scrub-takes', scrubTakes, '--with-parent'])
  const simulator = simulatorClient(control)
  writeFileSync(at('agent.token'), 'token-of-the-agents\n', { mode: 0o600 })
  writeFileSync(
    at('policy.yaml'),
    stringify({
      apiVersion: 1,
      mode: 'operate',
      allow: [
        {
          operations: ['scrub-start', 'scrub-pause', 'scrub-stop'],
          pools: ['hot-tier', 'warm-tier', 'cold-tier'],
        },
      ],
    }),
  )
  const places = crashHosts.map((host): SimulatedHost => {
    mkdirSync(at(host), { mode: 0o700 })
    const [token, policy] = [at('agent.token'), at('policy.yaml')]
    return { host, simulator: control, state: at('sim.json'), folder: at(host), token, policy }
  })
  const { checks, clusters, tiers, hosts } = simFleet(await simulator.world())
  writeFileSync(
    at('tiercel.yaml'),
    stringify({
      apiVersion: 1,
      checks: { foreignScheduler: checks.foreignScheduler },
      clusters: clusters.map(({ name }) => ({ name })),
      tiers: tiers.map(({ name }) => ({ name })),
      hosts: places.map(({ host, token }) => ({
        name: host,
        address: `unix:${at(host)}/agent.sock`,
        token: { file: token },
        grantToken: { file: token },
        stores: hosts.find(({ name }) => name === host)?.stores ?? [],
      })),
    }),
  )
  mkdirSync(at('store'), { mode: 0o700 })
  const database = keptIn === 'sqlite' ? undefined : await startDatabase(at('store.url'))
  const path = at('store/store.sqlite')
  writeFileSync(
    at('controller.yaml'),
    stringify({
      apiVersion: 1,
      fleet: at('tiercel.yaml'),
      store: database === undefined ? { sqlite: path } : { postgres: { file: at('store.url') } },
      adminToken: at('admin.token'),
      listen: { socket: at('controller.sock') },
      collect: { every: '1s' },
    }),
  )
  const client = () => controllerClient({ url: `unix:${at('controller.sock')}`, token: { file: at('admin.token') } })
  // What was compiled is kept by a process that ends by itself: with it, they start in half the time.
  const env = {
    ...process.env,
    XDG_RUNTIME_DIR: folder,
    TIERCEL_STATE: at('state'),
    NODE_COMPILE_CACHE: at('compiled'),
  }
  const controller = createVictim({
    env,
    onCrash,
    onLine: () => onLine('controller'),
    kind: 'controller',
    name: 'controller',
    command: [join(import.meta.dirname, '../bin/tiercel'), 'controller', 'run', '--config', at('controller.yaml')],
    log: at('controller.log'),
    answers: async (_, signal) => untilItAnswers(client, signal),
    endBy: 'SIGTERM',
  })
  const ofHosts = places.flatMap((place) =>
    (['agent', 'executor'] as const).map((kind) =>
      createVictim({
        env,
        onCrash,
        onLine: () => onLine(`${kind} of ${place.host}`),
        kind,
        name: `${kind} of ${place.host}`,
        command: [process.execPath, join(import.meta.dirname, `simulated-host-${kind}.ts`), JSON.stringify(place)],
        log: at(`${place.host}-${kind}.log`),
        answers: untilItSaysSo,
        endBy: 'closed input',
      }),
    ),
  )
  return {
    folder,
    openStore: async () => (database === undefined ? openSqliteStore({ path }) : openPostgresStore(database)),
    simulator,
    control,
    victims: [controller, ...ofHosts],
    controller,
    client,
    operations: (host) => at(`${host}/operations`),
    async close({ keep }) {
      await Promise.all([controller, ...ofHosts].map((victim) => victim.kill()))
      referee.kill('SIGKILL')
      await database?.stop()
      if (!keep) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A PostgreSQL server of its own, with a database whose address lies in this file. */
async function startDatabase(file: string): Promise<{ url: string; stop(): Promise<void> }> {
  const programs = findPostgres()
  if (programs === undefined) throw new Error('PostgreSQL is not installed: its Debian package is called postgresql')
  const server = await startPostgres(programs)
  const url = await server.makeDatabase()
  writeFileSync(file, `${url}\n`, { mode: 0o600 })
  return { url, stop: async () => server.stop() }
}

/** The process that simulates the world: it listens when this resolves. */
async function startReferee(args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/sim/process/main.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  for await (const _ of createInterface({ input: child.stdout })) return child
  throw new Error('the simulator did not start')
}

/** Until the process says a line. */
async function untilItSaysSo({ stdout }: ChildProcess, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    stdout?.once('data', () => resolve())
  })
}

async function untilItAnswers(client: () => ControllerClient, signal: AbortSignal): Promise<void> {
  const asker = client()
  try {
    while (!signal.aborted) {
      try {
        await asker.ask('whoami', {}, signal)
        return
      } catch {
        // A first start has not made its token yet; later ones do not listen yet.
        await sleep(50)
      }
    }
  } finally {
    await asker.close()
  }
}
