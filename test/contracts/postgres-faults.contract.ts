import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createStore } from '../../src/adapters/store/create-store.ts'
import { mostConnections, openPostgresStore, postgresDatabase } from '../../src/adapters/store/open-postgres.ts'
import type { ControllerStore } from '../../src/domain/ports/controller-store.ts'
import { StoreUnusable } from '../../src/domain/ports/run-store.ts'
import { event, run, runId } from '../builders/run.ts'
import { cuttingProxy } from './cutting-proxy.ts'
import type { PostgresServer } from './postgres-server.ts'
import { benchBounds } from './store-bench.ts'

/** Ends the connections of controllers to this database. */
const endConnections = `select pg_terminate_backend(pid) from pg_stat_activity
  where application_name = 'tiercel controller' and datname = current_database()`

/** What a process does that takes the lead. */
const claim = `begin isolation level serializable; update leader set process = 'another'; commit`

async function makeDatabase(server: PostgresServer): Promise<string> {
  const url = await server.makeDatabase()
  onTestFinished(async () => server.removeDatabase(url))
  return url
}

async function opened(url: string): Promise<ControllerStore> {
  const store = await openPostgresStore({ url, bounds: benchBounds })
  onTestFinished(async () => store.close())
  return store
}

/** As a process would have it that has not taken the lead: what the database does by itself against two of them. */
async function openedBeside(url: string, silentMs?: number): Promise<ControllerStore> {
  const store = await createStore(postgresDatabase(url, silentMs), benchBounds)
  onTestFinished(async () => store.close())
  return store
}

/** Both take the same lock, and neither commits before the other has taken it too. */
async function takeAtOnce(stores: readonly ControllerStore[]): Promise<number> {
  let arrived = 0
  const all = Promise.withResolvers<void>()
  const answers = await Promise.all(
    stores.map(async (store, index) =>
      store.transaction(async (transaction) => {
        const as = { class: 'change', at: run(1).createdAt } as const
        const inTheWay = await transaction.takeLocks(runId(index + 1), [{ key: 'pool:n1/hot', capacity: 1 }], as)
        arrived += 1
        if (arrived === stores.length) all.resolve()
        await all.promise
        return inTheWay
      }),
    ),
  )
  return answers.filter((inTheWay) => inTheWay.length === 0).length
}

/** The stores of two controllers on one database, with two runs. */
async function twoWithRuns(
  server: PostgresServer,
  open: (url: string) => Promise<ControllerStore>,
): Promise<readonly [ControllerStore, ControllerStore]> {
  const url = await makeDatabase(server)
  const [one, other] = [await open(url), await open(url)]
  await one.transaction(async (transaction) => {
    await transaction.createRun(run(1))
    await transaction.createRun(run(2))
  })
  return [one, other]
}

async function addEvent(store: ControllerStore): Promise<void> {
  await store.transaction(async (transaction) => {
    const version = ((await transaction.run(runId(1)))?.version ?? 0) + 1
    await transaction.append(run(1, { version }), [event(version)])
  })
}

/** What can go wrong between a controller and its server, and between two controllers. */
export function postgresFaultsContract(serverOf: () => PostgresServer): void {
  describe('PostgreSQL: faults', () => {
    test('of two controllers that take one lock at the same time, one gets it', async () => {
      const stores = await twoWithRuns(serverOf(), openedBeside)
      expect(await takeAtOnce(stores)).toBe(1)
    })

    test('without serializable transactions, both would (the control)', async () => {
      const stores = await twoWithRuns(serverOf(), async (url) => {
        const store = await createStore({ ...postgresDatabase(url), isolation: undefined }, benchBounds)
        onTestFinished(async () => store.close())
        return store
      })
      expect(await takeAtOnce(stores)).toBe(2)
    })

    test('two controllers that write without pause both get on', async () => {
      const stores = await twoWithRuns(serverOf(), openedBeside)
      await Promise.all(
        stores.map(async (store) => {
          for (let count = 0; count < 25; count += 1) await addEvent(store)
        }),
      )
      const stored = await stores[0].transaction(async (transaction) => transaction.events(runId(1)))
      expect(stored.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    })

    test('a second controller may come while the first makes the tables', async () => {
      const url = await makeDatabase(serverOf())
      const stores = await Promise.all([openedBeside(url), openedBeside(url), openedBeside(url)])
      await stores[0].transaction(async (transaction) => transaction.createRun(run(1)))
      expect(await stores[2].transaction(async (transaction) => transaction.run(runId(1)))).toEqual(run(1))
    })

    test('no error shows the secret of the address', async () => {
      const url = await makeDatabase(serverOf())
      const { password, folder } = serverOf()
      const encoded = encodeURIComponent(password)
      const secret = 'se/cret7'
      for (const [bad, remedy] of [
        [url.replace(encoded, encodeURIComponent(secret)), 'ask'],
        [url.replace(/store\d+\?/, 'absent?'), 'ask'],
        [url.replace(encodeURIComponent(folder), encodeURIComponent(`${folder}/absent`)), 'retry'],
        [`postgres://tiercel:${encoded}@127.0.0.1:1/x`, 'retry'],
        [`postgres://tiercel:${encoded}@[nonsense/x`, undefined],
      ] as const) {
        const error = await openPostgresStore({ url: bad }).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        expect(error).toBeInstanceOf(Error)
        const shown = `${inspect(error, { depth: 20, showHidden: true })} ${String(error)}`
        for (const hidden of [password, encoded, secret, encodeURIComponent(secret)])
          expect(shown).not.toContain(hidden)
        expect(remedy === undefined || (error instanceof StoreUnusable && error.remedy === remedy)).toBe(true)
      }
    })

    test('lost connections: a commit whose answer was lost counts once, one that never arrived is not there, none is leaked', async () => {
      const url = await makeDatabase(serverOf())
      const proxy = await cuttingProxy(serverOf().folder)
      onTestFinished(async () => proxy.close())
      const { folder } = serverOf()
      const store = await opened(url.replace(encodeURIComponent(folder), encodeURIComponent(proxy.folder)))
      // At the very start of a connection, for which nobody waits yet.
      for (let count = 0; count < 40 && proxy.cuts() < 4; count += 1) {
        await serverOf().query(url, endConnections)
        proxy.cutNext('set synchronous_commit = on', 'before')
        await store.transaction(async (transaction) => transaction.locks()).catch(() => undefined)
        await store.transaction(async (transaction) => transaction.locks()).catch(() => undefined)
      }
      const before = proxy.cuts()
      expect(before).toBe(4)
      proxy.cutNext('commit', 'after')
      await store.transaction(async (transaction) => transaction.createRun(run(1)))
      expect(proxy.cuts()).toBe(before + 1)
      proxy.cutNext('commit', 'before')
      await expect(store.transaction(async (transaction) => transaction.createRun(run(2)))).rejects.toMatchObject({
        name: 'StoreUnusable',
        remedy: 'retry',
      })
      expect(proxy.cuts()).toBe(before + 2)
      expect(await store.transaction(async (reading) => reading.runs({ limit: 9 }))).toEqual([run(1)])
    })

    test('connections that the server ends are replaced', async () => {
      const url = await makeDatabase(serverOf())
      const store = await opened(url)
      await store.transaction(async (transaction) => transaction.createRun(run(1)))
      await serverOf().query(url, endConnections)
      const read = async () => store.transaction(async (transaction) => transaction.run(runId(1)))
      // Each connection that was ended may be met once; none of them twice.
      const met: unknown[] = []
      while (met.length <= mostConnections) {
        const error = await read().then(
          () => undefined,
          (cause: unknown) => cause,
        )
        if (error === undefined) break
        met.push(error)
      }
      expect(met.filter((error) => !(error instanceof StoreUnusable))).toEqual([])
      expect(met.length).toBeLessThanOrEqual(mostConnections)
      expect(await read()).toEqual(run(1))
    })

    test('one controller has a database: a second is refused, and gets it when the first has ended', async () => {
      const url = await makeDatabase(serverOf())
      const first = await openPostgresStore({ url, bounds: benchBounds })
      await expect(openPostgresStore({ url, waitMs: 300 })).rejects.toThrow('in use by another controller')
      expect(first.lost.aborted).toBe(false)
      const next = opened(url)
      await first.transaction(async (transaction) => transaction.createRun(run(1)))
      await first.close()
      expect(await (await next).transaction(async (transaction) => transaction.run(runId(1)))).toEqual(run(1))
    })

    test('who has lost the lead is told so, and writes nothing more, also when it has not heard of it yet', async () => {
      const url = await makeDatabase(serverOf())
      const first = await opened(url)
      const late = first.transaction(async (transaction) => {
        await transaction.createRun(run(1))
        // Meanwhile another takes the lead and reads what there is, and this one has not been told.
        await serverOf().query(url, claim)
        const second = await openedBeside(url)
        expect(await second.transaction(async (reading) => reading.runs({ limit: 9 }))).toEqual([])
      })
      await expect(late).rejects.toThrow('the lead of')
      expect(first.lost.aborted).toBe(true)
      await expect(first.tokens.list()).rejects.toThrow('the lead of')
      const second = await openedBeside(url)
      expect(await second.transaction(async (reading) => reading.runs({ limit: 9 }))).toEqual([])
    })

    test('a session that is ended by the server is the end of the lead', async () => {
      const url = await makeDatabase(serverOf())
      const first = await opened(url)
      await serverOf().query(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%leader' and datname = current_database()`,
      )
      await expect.poll(() => first.lost.aborted, { timeout: 10_000 }).toBe(true)
      await expect(first.tokens.list()).rejects.toThrow('the lead of')
    })

    test('a database that is silent is given up: every call ends, and it goes on when it speaks again', async () => {
      const url = await makeDatabase(serverOf())
      const proxy = await cuttingProxy(serverOf().folder)
      onTestFinished(async () => proxy.close())
      const { folder } = serverOf()
      const store = await openedBeside(url.replace(encodeURIComponent(folder), encodeURIComponent(proxy.folder)), 300)
      await store.tokens.list()
      proxy.silence(true)
      const calls = await Promise.allSettled([store.freeze.read(), store.tokens.byHash('x')])
      for (const call of calls) {
        expect(call).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnusable', remedy: 'retry' } })
      }
      proxy.silence(false)
      expect(await store.tokens.list()).toEqual([])
    })

    test('a copy is refused, with what to use', async () => {
      const store = await opened(await makeDatabase(serverOf()))
      await expect(store.backup('/tmp/x')).rejects.toMatchObject({ hint: expect.stringContaining('pg_dump') as string })
    })
  })
}
