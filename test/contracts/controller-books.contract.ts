import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyMuteBook, type Mute } from '../../src/domain/health/mute.ts'
import { emptyLookBook, withLook } from '../../src/domain/health/looks.ts'
import { OperationId } from '../../src/domain/operation.ts'
import type { ControllerStore } from '../../src/domain/ports/controller-store.ts'
import { OpsError } from '../../src/domain/errors.ts'
import { verifyAudit } from '../../src/domain/verify-audit.ts'
import { RunSummary } from '../../src/domain/run.ts'
import { Instant } from '../../src/domain/units.ts'
import { finding } from '../builders/finding.ts'
import { run, runId } from '../builders/run.ts'
import type { StoreBench } from './store-bench.ts'

const at = (count: number): Instant => Instant.parse(1_700_000_000_000 + count)

const operationId = (count: number): OperationId => OperationId.parse(runId(count))

/** What a controller keeps beside its runs. The bench keeps 5 entries of the feed. */
export function controllerBooksContract(name: string, open: () => Promise<StoreBench>): void {
  describe(`${name}: books`, () => {
    let bench: StoreBench
    let store: ControllerStore
    beforeEach(async () => {
      bench = await open()
      ;({ store } = bench)
    })
    afterEach(async () => bench.remove())

    test('an empty store has no identity, and is no copy; its epoch never falls', async () => {
      expect(await store.identity.read()).toBeUndefined()
      expect(store.copyBecause()).toBeUndefined()
      await store.identity.claim({ controller: 'main', epoch: 3 }, at(1))
      await expect(store.identity.claim({ controller: 'main', epoch: 2 }, at(2))).rejects.toThrow('lower')
      expect(await store.identity.read()).toEqual({ controller: 'main', epoch: 3 })
      await store.identity.claim({ controller: 'other', epoch: 4 }, at(3))
      expect(await store.identity.read()).toEqual({ controller: 'other', epoch: 4 })
    })

    test('a token is found by its hash, revoked once, and its name never given again', async () => {
      await store.tokens.add({ name: 'ann', person: 'ann', role: 'operator', createdAt: at(0) }, 'hash-a')
      await store.tokens.add({ name: 'bot', person: 'ann', role: 'viewer', createdAt: at(1) }, 'hash-b')
      const ann = { name: 'ann', person: 'ann', role: 'operator', createdAt: at(0), lastUsedAt: null, revokedAt: null }
      expect(await store.tokens.byHash('hash-a')).toEqual(ann)
      expect(await store.tokens.byHash('hash')).toBeUndefined()
      expect(await store.tokens.revoke('ann', at(5))).toEqual({ ...ann, revokedAt: at(5) })
      expect(await store.tokens.revoke('ann', at(6))).toEqual({ ...ann, revokedAt: at(5) })
      expect(await store.tokens.revoke('nobody', at(6))).toBeUndefined()
      await expect(
        store.tokens.add({ name: 'ann', person: 'ann', role: 'admin', createdAt: at(7) }, 'hash-c'),
      ).rejects.toThrow('refused')
      await expect(
        store.tokens.add({ name: 'eve', person: 'eve', role: 'admin', createdAt: at(7) }, 'hash-a'),
      ).rejects.toThrow('refused')
      expect((await store.tokens.list()).map((token) => token.name)).toEqual(['ann', 'bot'])
    })

    test('when a token was last used is written to the minute', async () => {
      await store.tokens.add({ name: 'ann', person: 'ann', role: 'operator', createdAt: at(0) }, 'hash-a')
      const lastUsed = async (): Promise<Instant | null | undefined> =>
        (await store.tokens.byHash('hash-a'))?.lastUsedAt
      await store.tokens.used('ann', at(10))
      await store.tokens.used('ann', at(60_000))
      expect(await lastUsed()).toBe(at(10))
      await store.tokens.used('ann', at(60_011))
      expect(await lastUsed()).toBe(at(60_011))
    })

    test('a first word stands for its run and action, until another takes its place or it is taken away', async () => {
      await store.transaction(async (transaction) => transaction.createRun(run(1)))
      const word = { run: runId(1), choice: '', person: 'ann', planHash: 'h', version: 3, at: at(1) }
      await store.firstWords.put({ ...word, action: 'undo' })
      await store.firstWords.put({ ...word, action: 'answer', choice: 'run' })
      await store.firstWords.put({ ...word, action: 'undo', person: 'bob', version: 4 })
      expect(await store.firstWords.of(runId(1))).toEqual([
        { ...word, action: 'answer', choice: 'run' },
        { ...word, action: 'undo', person: 'bob', version: 4 },
      ])
      await store.firstWords.remove(runId(1), 'undo')
      expect((await store.firstWords.of(runId(1))).map(({ action }) => action)).toEqual(['answer'])
      expect(await store.firstWords.of(runId(2))).toEqual([])
    })

    test('mutes are kept, and of many writers at once none is lost', async () => {
      const mute = (reason: string): Omit<Mute, 'id'> => ({
        code: 'SCRUB_OVERDUE',
        planned: true,
        subject: 'n1/tank',
        by: 'ann',
        reason,
        at: at(1),
        until: at(2),
        covers: [],
      })
      expect(await store.mutes.read()).toEqual(emptyMuteBook)
      await Promise.all(Array.from({ length: 20 }, async (_, index) => store.mutes.add(mute(`${index}\0`))))
      const { mutes } = await store.mutes.read()
      expect(new Set(mutes.map(({ id }) => id)).size).toBe(20)
      const after = await store.mutes.record([{ kind: 'ended', id: 'm7', because: 'unmuted', at: at(3) }])
      expect(after.mutes).toHaveLength(19)
      expect(await store.mutes.read()).toEqual(after)
      expect(await store.mutes.record([{ kind: 'ended', id: 'm7', because: 'unmuted', at: at(3) }])).toEqual(after)
    })

    test('looks are remembered as the pure function has it', async () => {
      let expected = emptyLookBook
      for (const [minute, count] of [
        [0, 1],
        [1, 1],
        [2, 2],
        [30, 2],
        [31, 0],
        [20, 1],
        [21, 1],
      ] as const) {
        const health = {
          at: at(minute * 60_000),
          findings: Array.from({ length: count }, (_, index) => finding({ subject: `n${index}` })),
        }
        expect(await store.looks.remember(health)).toEqual(expected)
        expected = withLook(expected, health)
        expect(await store.looks.read()).toEqual(expected)
      }
      expect(expected.looks.length).toBeGreaterThan(2)
    })

    test('a freeze is there until it is ended', async () => {
      expect(await store.freeze.read()).toBeUndefined()
      await store.freeze.set({ by: 'ann', reason: 'a move', at: at(1), until: null })
      const freeze = { by: 'bob', reason: 'a longer move', at: at(2), until: at(9) }
      await store.freeze.set(freeze)
      expect(await store.freeze.read()).toEqual(freeze)
      await store.freeze.set(undefined)
      expect(await store.freeze.read()).toBeUndefined()
    })

    test('the audit is a chain: whatever is changed, left out or put in between is seen', async () => {
      for (const subject of ['a', 'b\0', 'c', 'd']) {
        await store.audit.add({ at: at(1), who: 'ann', what: 'mute', subject, outcome: 'done' })
      }
      expect((await verifyAudit(store.audit)).fault).toBeNull()
      const newest = await store.audit.list({ limit: 2 })
      expect(newest.map(({ sequence, subject }) => [sequence, subject])).toEqual([
        [4, 'd'],
        [3, 'c'],
      ])
      expect((await store.audit.list({ limit: 9, before: 3 })).map(({ sequence }) => sequence)).toEqual([2, 1])
      await bench.query('create table kept as select * from audit')
      for (const [spoil, sequence] of [
        [`update audit set who = 'eve' where sequence = 2`, 2],
        [`delete from audit where sequence = 2`, 2],
        [`delete from audit where sequence = 1`, 1],
        [`update audit set sequence = 9 where sequence = 4`, 4],
        [`insert into audit select 5, at, who, what, subject, outcome, hash from audit where sequence = 4`, 5],
        [`insert into audit select 0, at, who, what, subject, outcome, hash from audit where sequence = 4`, 1],
        [`insert into audit select -1, at, who, what, subject, outcome, hash from audit where sequence = 4`, 1],
        [`update audit set at = 9000000000000000000 where sequence = 3`, 3],
        [`update audit set sequence = 9007199254740993 where sequence = 4`, 4],
      ] as const) {
        await bench.query(spoil)
        expect((await verifyAudit(store.audit)).fault?.sequence).toBe(sequence)
        // What was spoiled is shown as it stands, or refused; it breaks nobody who reads it.
        const listed = await store.audit.list({ limit: 9 }).catch((error: unknown) => error)
        expect(Array.isArray(listed) || listed instanceof OpsError).toBe(true)
        await bench.query('delete from audit')
        await bench.query('insert into audit select * from kept')
      }
      expect((await verifyAudit(store.audit)).fault).toBeNull()
    })

    test('operations that were issued are known again', async () => {
      const operation = { id: operationId(1), host: 'n1', run: runId(9), at: at(1) }
      await store.operations.add(operation)
      await store.operations.add(operation)
      await store.operations.add({ ...operation, id: operationId(2), at: at(5) })
      expect(await store.operations.find(operationId(1))).toEqual(operation)
      expect(await store.operations.find(operationId(3))).toBeUndefined()
      await store.operations.forget(at(5))
      expect(await store.operations.find(operationId(1))).toBe('forgotten')
      expect(await store.operations.find(operationId(0))).toBe('forgotten')
      expect(await store.operations.find(operationId(2))).toMatchObject({ at: at(5) })
      // Nothing that is newer than what was forgotten counts as forgotten: not by any clock.
      await store.operations.forget(at(1_000_000))
      expect(await store.operations.find(operationId(2))).toBe('forgotten')
      expect(await store.operations.find(operationId(3))).toBeUndefined()
      await store.operations.forget(at(2_000_000))
      expect(await store.operations.find(operationId(2))).toBe('forgotten')
    })

    test('the feed tells of each run that was written, in the same transaction, and is resumed at any place', async () => {
      let told = 0
      const end = store.onFeed(() => {
        told += 1
      })
      const written = run(1, { state: 'running', reason: 'a\0' })
      await store.transaction(async (transaction) => transaction.createRun(written))
      await store.transaction(async (transaction) => {
        await transaction.append(run(1, { state: 'succeeded' }), [])
        await transaction.feed.add({ at: at(9), kind: 'freeze', run: null, body: { until: null } })
      })
      await store.transaction(async (transaction) => transaction.locks())
      await expect(
        store.transaction(async (transaction) => {
          await transaction.append(run(1), [])
          throw new RangeError('not')
        }),
      ).rejects.toThrow('not')
      expect(told).toBe(2)
      end()
      const { entries, isGap } = await store.feed.after(0, 9)
      expect(isGap).toBe(false)
      expect(entries.map(({ sequence, kind, run: id }) => [sequence, kind, id])).toEqual([
        [1, 'run', runId(1)],
        [2, 'run', runId(1)],
        [3, 'freeze', null],
      ])
      const body = RunSummary.parse(written)
      expect(entries[0]).toEqual({ sequence: 1, at: written.updatedAt, kind: 'run', run: runId(1), body })
      expect(body).not.toHaveProperty('plan')
      expect((await store.feed.after(1, 1)).entries.map(({ sequence }) => sequence)).toEqual([2])
      expect(told).toBe(2)
    })

    test('the feed keeps the newest, and says when something is gone', async () => {
      for (let count = 1; count <= 12; count += 1) {
        await store.feed.add({ at: at(count), kind: 'noted', run: null, body: count })
      }
      const sequences = async (after: number) => {
        const { entries, isGap } = await store.feed.after(after, 99)
        return { isGap, sequences: entries.map(({ sequence }) => sequence) }
      }
      expect(await sequences(6)).toEqual({ isGap: true, sequences: [8, 9, 10, 11, 12] })
      expect(await sequences(7)).toEqual({ isGap: false, sequences: [8, 9, 10, 11, 12] })
      expect(await sequences(12)).toEqual({ isGap: false, sequences: [] })
      expect(await sequences(13)).toEqual({ isGap: true, sequences: [] })
      expect(await store.feed.newest()).toBe(12)
    })
  })
}
