import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../adapters/store/open-sqlite.ts'
import { createController } from '../controller/controller.ts'
import { serve } from '../controller/serve.ts'
import { startDemoAgents } from './demo-agents.ts'
import { makeFirstToken } from '../controller/tokens.ts'
import { explain } from '../domain/errors.ts'
import { apiVersion } from '../domain/observation.ts'
import type { RunDetail } from '../engine/shown.ts'
import { seconds } from '../domain/units.ts'
import type { ObservedFleet } from '../sim/observed-fleet.ts'
import { simFleet } from '../sim/sim-fleet.ts'
import { simProcedureWorld } from '../sim/sim-procedures-world.ts'
import type { World } from '../sim/world.ts'

/** A controller over the simulated fleet, in this process, with a practice run under way. */
export interface DemoController {
  socket: string
  tokenFile: string
  /** The same fleet, by its agents. */
  fleetFile: string
  /** The practice run as it stands. */
  practice(): Promise<RunDetail>
  close(): Promise<void>
}

/** Long enough to look on. */
const practiceSeconds = 60

const obeying = (host: string) => async () => ({ apiVersion, host, authority: null, lastOperation: null })

export async function startDemoController(
  world: World,
  fleet: ObservedFleet,
  now: () => Promise<void>,
): Promise<DemoController> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-demo-'))
  // Also where whoever read us has gone, which ends the process at once.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const agents = await startDemoAgents(world, fleet, { folder, now })
  const store = await openSqliteStore({ path: join(folder, 'store.sqlite') })
  const declared = simFleet(world)
  const controller = await createController({
    fleet: declared,
    source: agents.source,
    hosts: fleet,
    // Simulated agents obey whoever asks.
    control: (host) => ({ grant: obeying(host), claim: obeying(host) }),
    world: () => simProcedureWorld(world, fleet.clock),
    store,
    clock: fleet.clock,
    collectEvery: seconds(10),
    name: () => 'demo',
    log: { info: () => undefined, error: (text) => void process.stderr.write(`demo: ${text}\n`) },
  })
  const tokenFile = join(folder, 'admin.token')
  await makeFirstToken(store, tokenFile, fleet.clock.now())
  const socket = join(folder, 'controller.sock')
  const served = await serve(controller.app, { socket })
  await controller.start()
  const host = declared.hosts[0]?.name ?? ''
  const started = await controller.engine.start(
    { procedure: 'practice', input: { host, seconds: practiceSeconds }, requestedBy: 'demo' },
    AbortSignal.timeout(10_000),
  )
  return {
    socket,
    tokenFile,
    fleetFile: agents.fleetFile,
    practice: async () => controller.engine.detail(started.id),
    async close() {
      served.close()
      agents.close()
      await controller.stop().catch((error: unknown) => void process.stderr.write(`demo: ${explain(error)}\n`))
      await store.close()
    },
  }
}
