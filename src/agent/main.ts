import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { pino } from 'pino'
import { executorClient } from '../adapters/agent/executor-client.ts'
import { localHost } from '../adapters/local/host-ports.ts'
import { localLogs } from '../adapters/logs/local-logs.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { damageNotes } from '../adapters/machine/damage-notes.ts'
import { agentNotes } from '../adapters/machine/local-machine.ts'
import { createPrograms } from '../adapters/system/exec.ts'
import { listenOn } from '../adapters/system/listen.ts'
import { readSecret } from '../adapters/system/secrets.ts'
import type { AgentConfig } from '../domain/agent-config.ts'
import { explain } from '../domain/errors.ts'
import { createObserver } from '../observe/observer.ts'
import { placementDesks } from '../observe/placement.ts'
import { tiercelVersion } from '../version.ts'
import { createActing } from './acting.ts'
import { agentApp } from './http.ts'
import { createPinIndexes } from './pin-indexes.ts'

/** `tiercel agent`: looks at this host in the background, and answers from memory until it is told to end. */
export async function runAgent(config: AgentConfig): Promise<void> {
  const token = await readSecret(config.token)
  const { exec } = createPrograms()
  const stateFolder = process.env['STATE_DIRECTORY']
  const notes = agentNotes(exec, stateFolder)
  const log = pino({ name: 'tiercel-agent' }, pino.destination(2))
  const pinIndexes = createPinIndexes(config, log)
  const executor = executorClient(config.executor)
  const host = localHost({
    name: config.host,
    stores: config.stores,
    // Without stores, as it is installed, it looks at whatever pools there are: an agent that sees nothing is not well.
    zfs: config.stores.length === 0 || config.stores.some(({ pool }) => pool !== undefined),
    exec,
    executor,
    notes,
    damageNotes: stateFolder === undefined ? undefined : damageNotes(stateFolder),
    pinIndex: ({ name }) => pinIndexes.of(name),
  })
  const observer = createObserver({ host, timing: config.probes, clock: systemClock, tiercelVersion })
  const acting = createActing(config, { clock: systemClock, log, host, observer })
  const app = agentApp({
    host: config.host,
    tiercelVersion,
    token,
    observation: () => observer.observation(),
    pinIndexOf: (store) => pinIndexes.of(store),
    placements: placementDesks(host, systemClock),
    acting: (routes) => acting.addRoutes(routes),
    logs: localLogs({
      stores: config.stores,
      clock: systemClock,
      exec,
      executor,
      isRoot: process.getuid?.() === 0,
      journalctl: config.logs.journalctl ?? 'journalctl',
    }),
  })
  const listener = getRequestListener(app.fetch)
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await acting.open()
  await listenOn(server, config.socket, 0o660)
  acting.start()
  // A full root disk must not keep the agent from telling of it; a boot that nobody knows puts all copies in doubt.
  const boot = await notes.look().catch((error: unknown) => {
    log.warn({ error: explain(error) }, 'no note of this boot')
    return { id: 'unknown', previous: null }
  })
  pinIndexes.start(boot)
  const stop = observer.start()
  log.info({ host: config.host, socket: config.socket, version: tiercelVersion }, 'agent answers')
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
  log.info('agent ends')
  stop()
  // Why it ends decides whether the next boot calls this one clean; a note that cannot be written says unclean.
  await notes.end().catch((error: unknown) => log.warn({ error: explain(error) }, 'no note of a clean stop'))
  await pinIndexes.end()
  await acting.end().catch(() => undefined)
  server.close()
  server.closeAllConnections()
}
