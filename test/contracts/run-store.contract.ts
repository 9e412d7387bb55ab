import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ControllerStore } from '../../src/domain/ports/controller-store.ts'
import { StatementFailed } from '../../src/adapters/store/store-errors.ts'
import { StaleRun } from '../../src/domain/ports/run-store.ts'
import type { RunState } from '../../src/domain/run.ts'
import { event, run, runId } from '../builders/run.ts'
import type { StoreBench } from './store-bench.ts'

/** Runs and their journals: what every store must do. */
export function runStoreContract(name: string, open: () => Promise<StoreBench>): void {
  describe(`${name}: runs`, () => {
    let bench: StoreBench
    let store: ControllerStore
    beforeEach(async () => {
      bench = await open()
      ;({ store } = bench)
    })
    afterEach(async () => bench.remove())

    test('a run comes back as it was written, whatever is in its texts', async () => {
      const text = 'a\0b "c" \u2028 é 🪶 \ud800 \\u0000'
      const written = run(1, {
        title: 'Scrub “hot-tier” – n1',
        input: { text, guid: '18446744073709551615', large: 9007199254740991, none: null, deep: [[{ a: 1.5 }]] },
        plan: [text],
        share: 1 / 3,
      })
      await store.transaction(async (transaction) => transaction.createRun(written))
      expect(await store.transaction(async (transaction) => transaction.run(written.id))).toEqual(written)
      expect(await store.transaction(async (transaction) => transaction.run(runId(2)))).toBeUndefined()
    })

    test('a run is created once', async () => {
      await store.transaction(async (transaction) => transaction.createRun(run(1)))
      await expect(store.transaction(async (transaction) => transaction.createRun(run(1)))).rejects.toThrow(
        StatementFailed,
      )
      expect(await store.transaction(async (transaction) => transaction.runs({ limit: 9 }))).toHaveLength(1)
    })

    test('events are read in order, all or after a sequence, with the run as it stands', async () => {
      await store.transaction(async (transaction) => transaction.createRun(run(1)))
      const after = run(1, { version: 2, state: 'running', plan: 'another', planHash: 'x', share: 0.5 })
      await store.transaction(async (transaction) => transaction.append(after, [event(1, 'a\0'), event(2)]))
      await store.transaction(async (transaction) => {
        expect(await transaction.run(after.id)).toEqual(after)
        expect(await transaction.events(after.id)).toEqual([event(1, 'a\0'), event(2)])
        expect(await transaction.events(after.id, 1)).toEqual([event(2)])
      })
    })

    test('whoever has not read the last event cannot add the next', async () => {
      await store.transaction(async (transaction) => transaction.createRun(run(1)))
      await store.transaction(async (transaction) => transaction.append(run(1, { version: 1 }), [event(1)]))
      const stale = async (version: number, count: number) =>
        store.transaction(async (transaction) =>
          transaction.append(
            run(1, { version }),
            Array.from({ length: count }, (_, index) => event(version - count + index + 1)),
          ),
        )
      await expect(stale(1, 1)).rejects.toThrow(StaleRun)
      await expect(stale(3, 1)).rejects.toThrow(StaleRun)
      await expect(stale(0, 0)).rejects.toThrow(StaleRun)
      await stale(1, 0)
      await stale(2, 1)
      await expect(
        store.transaction(async (transaction) => transaction.append(run(2, { version: 1 }), [event(1)])),
      ).rejects.toThrow(StaleRun)
    })

    test('an event out of its place is refused', async () => {
      await store.transaction(async (transaction) => transaction.createRun(run(1)))
      await expect(
        store.transaction(async (transaction) => transaction.append(run(1, { version: 1 }), [event(2)])),
      ).rejects.toThrow('event 2')
    })

    test('of a hundred at once, exactly one adds each event', async () => {
      await store.transaction(async (transaction) => transaction.createRun(run(1)))
      for (const version of [1, 2, 3]) {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 100 }, async (_, writer) =>
            store.transaction(async (transaction) =>
              transaction.append(run(1, { version }), [event(version, { writer })]),
            ),
          ),
        )
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
        const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
        expect(refusals.every((refusal) => refusal instanceof StaleRun)).toBe(true)
      }
      const events = await store.transaction(async (transaction) => transaction.events(runId(1)))
      expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    })

    test('of a closure that throws half-way nothing is there', async () => {
      await store.transaction(async (transaction) => transaction.createRun(run(1)))
      const failure = new Error('half-way')
      await expect(
        store.transaction(async (transaction) => {
          await transaction.createRun(run(2))
          await transaction.append(run(1, { version: 1, state: 'running' }), [event(1)])
          await transaction.takeLocks(runId(1), [{ key: 'pool:n1/hot', capacity: 1 }], {
            class: 'change',
            at: run(1).createdAt,
          })
          throw failure
        }),
      ).rejects.toBe(failure)
      await store.transaction(async (transaction) => {
        expect(await transaction.run(runId(1))).toEqual(run(1))
        expect(await transaction.run(runId(2))).toBeUndefined()
        expect(await transaction.events(runId(1))).toEqual([])
        expect(await transaction.locks()).toEqual([])
        expect(await transaction.feed.newest()).toBe(1)
      })
    })

    test('a transaction sees those before it, in the order of asking', async () => {
      await store.transaction(async (transaction) => transaction.createRun(run(1)))
      const seen = await Promise.all(
        Array.from({ length: 20 }, async () =>
          store.transaction(async (transaction) => {
            const stored = await transaction.run(runId(1))
            const version = (stored?.version ?? 0) + 1
            await transaction.append(run(1, { version }), [event(version)])
            return version
          }),
        ),
      )
      expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    })

    test('a transaction within one is refused, and does not wait for itself', async () => {
      await expect(store.transaction(async () => store.transaction(async (inner) => inner.locks()))).rejects.toThrow(
        'within a transaction',
      )
    })

    test('a transaction that is over can be asked nothing more', async () => {
      const kept = await store.transaction(async (transaction) => transaction)
      await expect(kept.createRun(run(1))).rejects.toThrow('already committed')
      expect(await store.transaction(async (transaction) => transaction.run(runId(1)))).toBeUndefined()
    })

    test('lists are newest first, by state, procedure and parent, and go on page by page', async () => {
      const states: readonly RunState[] = ['succeeded', 'failed', 'running', 'undone']
      const all = Array.from({ length: 40 }, (_, index) =>
        run(index, {
          state: states[index % 4] ?? 'left',
          procedure: index % 3 === 0 ? 'scrub' : 'practice',
          ...(index >= 30 ? { parent: runId(0), child: 39 - index } : {}),
        }),
      )
      await store.transaction(async (transaction) => {
        for (const each of all) await transaction.createRun(each)
      })
      const newest = all.toReversed()
      await store.transaction(async (transaction) => {
        expect(await transaction.runs({ limit: 7 })).toEqual(newest.slice(0, 7))
        expect(await transaction.summaries({ limit: 7 })).toEqual(
          newest.slice(0, 7).map(({ plan: _plan, input: _input, ...summary }) => summary),
        )
        expect(await transaction.runs({ limit: 7, before: runId(33) })).toEqual(newest.slice(7, 14))
        for (const wanted of [['failed'], ['failed', 'undone', 'failed'], [], undefined] as const) {
          for (const procedure of ['scrub', undefined]) {
            for (const parent of [null, undefined]) {
              const filter = { states: wanted, procedure, parent, before: runId(38), limit: 12 }
              const expected = newest.filter(
                (each) =>
                  each.id < runId(38) &&
                  (wanted === undefined || (wanted as readonly RunState[]).includes(each.state)) &&
                  (procedure === undefined || each.procedure === procedure) &&
                  (parent === undefined || each.parent === null),
              )
              expect({ filter, runs: await transaction.runs(filter) }).toEqual({ filter, runs: expected.slice(0, 12) })
            }
          }
        }
        const children = newest.slice(0, 10)
        expect(await transaction.runs({ parent: runId(0), limit: 4 })).toEqual(children.slice(0, 4))
        expect(await transaction.runs({ parent: runId(0), limit: 4, before: children[3]?.id })).toEqual(
          children.slice(4, 8),
        )
        expect(await transaction.runs({ parent: runId(0), limit: 9, states: ['failed'] })).toEqual(
          children.filter(({ state }) => state === 'failed'),
        )
      })
    })
  })
}
