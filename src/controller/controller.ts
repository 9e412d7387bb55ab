import type { OperationRequest } from '../api/operations.ts'
import { explain } from '../domain/errors.ts'
import type { Fleet } from '../domain/fleet.ts'
import { makeId } from '../domain/make-id.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { ControllerStore } from '../domain/ports/controller-store.ts'
import type { Json } from '../domain/run.ts'
import { settingsOf } from '../domain/settings-of.ts'
import { days, type Duration, Instant } from '../domain/units.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import type { HostsReader } from '../observe/fleet-reader.ts'
import { procedures } from '../procedures/index.ts'
import type { World } from '../procedures/world.ts'
import type { WriteAudit } from './audited-change.ts'
import { type AuthorityKeeper, type ControlOf, keepAuthority } from './authority.ts'
import { checkSettings } from './check-settings.ts'
import { type Collector, createCollector } from './collector.ts'
import { eventStream } from './events.ts'
import { createGate } from './gates.ts'
import { createHandlers } from './handlers.ts'
import { issuingStore } from './issuing-store.ts'
import { operatorApp } from './operator-app.ts'
import { procedureInfos } from './procedure-infos.ts'
import { rootProcedures } from './root-procedure.ts'
import { callerOf } from './tokens.ts'

/** What a controller is made of, whatever its world: agents, or a simulator. */
export interface ControllerOptions {
  fleet: Fleet
  /** The fleet file as it stands. */
  source: Json
  hosts: HostsReader
  control: ControlOf
  /** Whether the key of this controller has signed this; simulated hosts tell nothing that is signed. */
  isOurs?: (request: OperationRequest) => boolean
  /** The world that procedures see; `seen` is what the controller knows of the fleet. */
  world: (seen: { collector: Collector; authority: AuthorityKeeper }) => World
  store: ControllerStore
  clock: Clock
  collectEvery: Duration
  /** For the first start: how it will be called. */
  name: () => string
  log: { info(text: string): void; error(text: string): void }
}

/** A controller without its sockets. */
export interface Controller {
  app: ReturnType<typeof operatorApp>
  engine: Engine
  authority: AuthorityKeeper
  /** Begins to look at the fleet, asks every agent to obey, and goes on with every run that was cut off. */
  start(): Promise<void>
  /** Stops driving at once; what runs on hosts goes on, and is found again. */
  stop(): Promise<void>
}

/** Longer than any agent remembers an operation; the newest one that an agent tells may be older. */
const keepIssued = days(90)

export async function createController(options: ControllerOptions): Promise<Controller> {
  const { fleet, source, hosts, store, clock, log } = options
  checkSettings(fleet, procedures)
  const collector = createCollector({ fleet, source, hosts, clock, every: options.collectEvery })
  const authority = await keepAuthority({
    hosts: fleet.hosts.map(({ name }) => name),
    control: options.control,
    identity: store.identity,
    issued: store.operations,
    copyBecause: () => store.copyBecause(),
    ...(options.isOurs === undefined ? {} : { isOurs: options.isOurs }),
    clock,
    name: options.name,
  })
  const rootOf = rootProcedures(store)
  const engine = createEngine<World>({
    procedures,
    store: issuingStore(store),
    world: options.world({ collector, authority }),
    clock,
    gate: createGate({ standing: authority, freeze: store.freeze, fleet, clock }),
    makeId,
    report: ({ run, error }) => log.error(`${run === undefined ? '' : `run ${run}: `}${explain(error)}`),
  })
  const audit: WriteAudit = async (entry, { audit: book } = store) =>
    void (await book.add({ at: clock.now(), ...entry }))
  authority.onChange(() => {
    const back = authority.standsBack()
    const apart = authority.apart()
    if (back !== null) log.info(`changes nothing: ${back}`)
    else if (apart.length === 0) log.info('all agents that answer obey this controller')
    for (const says of apart) log.error(`changes nothing on one host: ${says}`)
    engine.nudge()
  })
  // An agent that is back may have been given to another meanwhile.
  collector.onBack((host) => void authority.claim(host))

  return {
    engine,
    authority,
    app: operatorApp({
      handlers: createHandlers({
        clock,
        engine,
        store,
        collected: collector,
        mutes: store.mutes,
        tokens: store.tokens,
        freeze: store.freeze,
        audit: store.audit,
        standing: authority,
        procedures: procedureInfos(procedures),
        settings: (procedure) => settingsOf(fleet, procedure),
        rootOf,
        backup: async (file) => store.backup(file),
      }),
      callerOf: async (token) => callerOf(store.tokens, token, clock),
      audit,
      events: async (request) =>
        eventStream({ feed: { ...store.feed, onFeed: (listener) => store.onFeed(listener) }, engine }, request),
      logFailure: (text) => log.error(text),
    }),
    async start() {
      collector.start()
      await Promise.all(fleet.hosts.map(async ({ name }) => authority.claim(name)))
      authority.start()
      await store.operations
        .forget(Instant.parse(clock.now() - keepIssued))
        .catch((error: unknown) => log.error(explain(error)))
      await engine.recover()
    },
    async stop() {
      collector.stop()
      authority.stop()
      await engine.close()
    },
  }
}
