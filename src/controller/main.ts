import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openFleet } from '../adapters/agent/contact.ts'
import { readFleetAndSource } from '../adapters/files/fleet-file.ts'
import { writeOnce } from '../adapters/files/write-once.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { createPrograms } from '../adapters/system/exec.ts'
import { isSignedBy } from '../adapters/system/ed25519.ts'
import { adminTokenFile, auditFolder, type ControllerConfig, controllerKeyFile } from '../domain/controller-config.ts'
import { explain, Unreachable } from '../domain/errors.ts'
import { signedText } from '../domain/signed.ts'
import { tiercelVersion } from '../version.ts'
import { agentWorld } from './agent-world.ts'
import { openControllerKey } from './controller-key.ts'
import { createController } from './controller.ts'
import { procedures } from '../procedures/index.ts'
import { createKeeper } from './keeper.ts'
import { openStore } from './open-store.ts'
import { serve } from './serve.ts'
import { makeFirstToken } from './tokens.ts'

/** `tiercel controller run`: looks at the fleet, owns its runs, and answers until it is told to end. */
export async function runController(config: ControllerConfig): Promise<void> {
  const { fleet, source } = await readFleetAndSource(config.fleet)
  const log = pino({ name: 'tiercel-controller' }, pino.destination(2))
  const store = await openStore(config.store)
  const keyFile = controllerKeyFile(config)
  const { signer, isNew } = await openControllerKey(keyFile)
  if (isNew) {
    log.info(
      { file: keyFile, key: signer.publicKey },
      'a key was made: every host notes it when it is claimed with the grant token of that host, or by `tiercel agent grant` (tiercel controller key prints it); keep a copy of the file beside the backups',
    )
  }
  const agents = openFleet(fleet, {
    clock: systemClock,
    exec: createPrograms().exec,
    tiercelVersion,
    command: [process.execPath, join(import.meta.dirname, '../main.ts')],
  })
  const agentOf = (host: string) => {
    const agent = agents.agent(host)
    if (agent === undefined) throw new Unreachable(`the fleet has no host ${host}`)
    return agent
  }
  const controller = await createController({
    fleet,
    source,
    hosts: agents,
    control: (host) => {
      const { control } = agentOf(host)
      return {
        grant: async (signal) => control.grant(signal),
        claim: async (authority, { takeOver }, signal) =>
          control.claim({ host, authority, takeOver, signer, at: systemClock.now() }, signal),
      }
    },
    isOurs: ({ host, id, operation, authority, at, signature }) =>
      isSignedBy(signer.publicKey, signedText({ what: 'operation', host, id, operation, authority, at }), signature),
    world: ({ collector, authority }) =>
      agentWorld({
        fleet,
        view: async (signal) => collector.seen(signal),
        agent: agents.agent,
        changes: (host) =>
          authority.guarded(
            host,
            agentOf(host).changes({ host, authority: () => authority.authority(), signer, clock: systemClock }),
          ),
      }),
    store,
    clock: systemClock,
    collectEvery: config.collect.every,
    name: newName,
    log: { info: (text) => log.info(text), error: (text) => log.error(text) },
  })
  const keeper = createKeeper({
    store,
    clock: systemClock,
    keep: config.keep,
    staying: procedures.flatMap(({ name, stays }) => (stays === undefined ? [] : [name])),
    writeExport: async (name, text) => writeOnce(auditFolder(config), name, text),
    log: { info: (text) => log.info(text), error: (text) => log.error(text) },
  })
  const tokenFile = adminTokenFile(config)
  if (await makeFirstToken(store, tokenFile, systemClock.now()))
    log.info({ file: tokenFile }, 'the first token lies here')
  const served = await serve(controller.app, config.listen)
  log.info(
    { urls: served.urls, controller: controller.authority.controller, version: tiercelVersion },
    'controller answers',
  )
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
    store.lost.addEventListener('abort', () => {
      log.error(explain(store.lost.reason))
      process.exitCode = 1
      resolve()
    })
  })
  keeper.start()
  await Promise.race([controller.start(), ended])
  await ended
  log.info('controller ends')
  served.close()
  await keeper.stop()
  await controller.stop()
  await agents.close()
  await store.close()
}

/** Two controllers of one machine are two controllers: the name alone would not tell them apart. */
const newName = (): string =>
  `${hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, 40)}-${randomBytes(4).toString('hex')}`
