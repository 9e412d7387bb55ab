import type { RootDoer } from '../adapters/agent/root-doer.ts'
import type { Exec } from '../adapters/system/exec.ts'
import { createDoer } from '../agent/operations/doer.ts'
import { LogDatabase } from '../agent/operations/log-database.ts'
import type { OperationLog } from '../agent/operations/operation-log.ts'
import { createOperations, type Doer, type Operations } from '../agent/operations/operations.ts'
import { Refusal } from '../domain/errors.ts'
import type { Operation, OperationId, OperationState } from '../domain/operation.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { PracticeMarks } from '../domain/ports/practice-marks.ts'
import { days, Instant } from '../domain/units.ts'
import { rootOperations } from '../executor/root-operations.ts'
import { everythingAllowed, type PolicyView } from '../operations/policy.ts'
import { hostNow, hostOf, recordEffect } from './lookup.ts'
import { stateOf } from './pool-view.ts'
import { simExec } from './sim-programs.ts'
import type { SimHostState, World } from './world.ts'

/** The agent and the executor of a simulated host: the real ones, over simulated programs, in the world's time. */
interface SimAgent {
  operations: Operations
  log: OperationLog
  /** Everything that it has begun, in order, also before it died and came back. */
  begun: OperationId[]
  /** Ends it without a word, and starts the next one on its log. */
  dieAndReturn(how: { commandsGoOn: boolean }): SimAgent
}

/** Agents live beside the world, not in it: they are not stored with it. */
const agents = new WeakMap<World, Map<string, SimAgent>>()

function agentsOf(world: World): Map<string, SimAgent> {
  const found = agents.get(world) ?? new Map<string, SimAgent>()
  agents.set(world, found)
  return found
}

/** The agent of a host. It keeps the clock of whoever asks for it first. */
export function agentOf(world: World, name: string, clock: Pick<Clock, 'after'>): SimAgent {
  const found = agentsOf(world).get(name)
  if (found !== undefined) return found
  const host = hostOf(world, name)
  const now = () => hostNow(world, host)
  const database = new LogDatabase(':memory:', { keepFor: days(7), now: Instant.parse(now() - days(7)) })
  const after: Clock['after'] = (...timer) => clock.after(...timer)
  const started = startAgent(world, host, { database, clock: { now, after }, begun: [] })
  agentsOf(world).set(name, started)
  return started
}

/**
 * The agent of a host dies, and comes back: what had not ended is lost. `commandsGoOn`: a program that was running has its
 * effect nevertheless, as one in the kernel has; a mark is then left at once. `forgets`: its log is gone.
 */
export function loseOperations(
  world: World,
  name: string,
  { forgets = false, ...how }: { commandsGoOn: boolean; forgets?: boolean },
): void {
  const next = agentsOf(world).get(name)?.dieAndReturn(how)
  if (next === undefined) return
  if (forgets) agentsOf(world).delete(name)
  else agentsOf(world).set(name, next)
}

/** Every operation that a host has begun, and how it stands. */
export async function operationsOf(world: World, name: string): Promise<{ id: OperationId; state: OperationState }[]> {
  const agent = agentsOf(world).get(name)
  if (agent === undefined) return []
  const all = await Promise.all(agent.begun.map(async (id) => ({ id, state: await agent.operations.find(id) })))
  return all.flatMap(({ id, state }) => (state === undefined ? [] : [{ id, state }]))
}

interface Kept {
  database: LogDatabase
  clock: Clock
  begun: OperationId[]
}

function startAgent(world: World, host: SimHostState, kept: Kept): SimAgent {
  const { database, clock, begun } = kept
  let life: 'alive' | 'dead' | 'commands-go-on' = 'alive'
  /** What is asked of a dead agent never comes back. */
  const living = async <T>(run: () => T | Promise<T>): Promise<T> =>
    life === 'alive' ? run() : new Promise<never>(() => undefined)
  const log = logOver(database, clock, living)
  const underWay = new Map<OperationId, Operation>()
  const doer: Doer = {
    permit: async (operation) => doerOf(undefined).permit(operation),
    async do(id, operation, doing) {
      begun.push(id)
      underWay.set(id, operation)
      const state = await doerOf(id).do(id, operation, doing)
      underWay.delete(id)
      return state
    },
  }
  const doerOf = (id: OperationId | undefined): Doer => {
    const exec: Exec = async (...command) => {
      if (life === 'dead') return new Promise<never>(() => undefined)
      return simExec(world, host, { by: id ?? '', clock })(...command)
    }
    const marks = marksOf(world, host, id)
    const whileAlive: PracticeMarks = {
      ...marks,
      leave: (mark, operation) => living(() => marks.leave(mark, operation)),
      take: (mark) => living(() => marks.take(mark)),
    }
    return createDoer({ host: host.name, executor: executorOf(host, exec, clock), marks: whileAlive, clock })
  }
  const audit = { info: () => undefined, warn: () => undefined, error: () => undefined }
  return {
    operations: createOperations({ host: host.name, log, doer, clock, audit, isUnsigned: true }),
    log,
    begun,
    dieAndReturn({ commandsGoOn }) {
      life = commandsGoOn ? 'commands-go-on' : 'dead'
      for (const [id, { kind, mark, fails }] of commandsGoOn ? underWay : []) {
        // It died between the mark and its word of it.
        if (kind === 'practice-mark' && fails !== true) void marksOf(world, host, id).leave(String(mark), id)
      }
      database.lose(clock.now())
      return startAgent(world, host, kept)
    },
  }
}

/** The log of an agent, without its thread and its disk. */
function logOver(database: LogDatabase, clock: Clock, living: <T>(run: () => T) => Promise<T>): OperationLog {
  return {
    lose: () => living(() => database.lose(clock.now())),
    judge: (request) => living(() => database.judge(request, clock.now())),
    accept: (request) => living(() => database.accept(request, clock.now())),
    find: (id) => living(() => database.find(id)),
    write: (id, state) => living(() => database.write(id, state, clock.now())),
    grant: () => living(() => database.grant()),
    take: (request, mayGrant) => living(() => database.take(request, mayGrant)),
    note: (granted) => living(() => database.note(granted)),
    authorize: (authority) => living(() => database.authorize(authority)),
    use: (signature) => living(() => database.use(signature, clock.now())),
    close: async () => undefined,
  }
}

/** The executor of a host, without the socket between. */
function executorOf(host: SimHostState, exec: Exec, clock: Clock): RootDoer {
  const root = rootOperations({
    exec,
    clock,
    policy: () => policyOf(host),
    poolState: (pool) => {
      const there = host.pools.find(({ name, imported }) => name === pool && imported)
      return there === undefined ? undefined : stateOf(there)
    },
    audit: () => undefined,
  })
  const answering = async <T>(run: () => T): Promise<Awaited<T>> => {
    if (host.executor) return await run()
    const message = `the executor of ${host.name} does not answer, and nothing was run`
    throw new Refusal('executor-unreachable', message, { remedy: 'retry' })
  }
  return {
    permit: (operation) => answering(() => void root.permit(operation)),
    operate: (operation, id, told) => answering(() => root.operate(operation, id, told)),
    cancel: (id) => answering(() => root.cancel(id)),
    policy: () => answering(() => policyOf(host)),
  }
}

function policyOf({ changing }: SimHostState): PolicyView {
  const lines = everythingAllowed().map((line) => ({
    ...line,
    operations: line.operations.filter((kind) => changing.allows.includes(kind)),
  }))
  const allow = lines
    .filter(({ operations }) => operations.length > 0)
    .map((line, index) => ({ ...line, line: index + 4 }))
  return { file: '/etc/tiercel/policy.yaml', isThere: true, mode: 'operate', modeLine: 2, allow }
}

/** The marks in the folder of the host's agent; each effect is written down beside `by`. */
function marksOf(world: World, { name, changing: { marks } }: SimHostState, by = ''): PracticeMarks {
  const at = (mark: string): number => marks.findIndex((there) => there.mark === mark)
  return {
    list: async () => structuredClone(marks),
    find: async (mark) => marks[at(mark)]?.operation,
    async leave(mark, operation) {
      marks.push({ mark, operation })
      recordEffect(world, 'practice mark left', `${mark} on ${name} by ${by}`)
    },
    async take(mark) {
      if (at(mark) < 0) return false
      marks.splice(at(mark), 1)
      recordEffect(world, 'practice mark removed', `${mark} on ${name} by ${by}`)
      return true
    },
  }
}
