import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ControllerStore } from '../../src/domain/ports/controller-store.ts'
import type { Bounds } from '../../src/domain/ports/retention.ts'
import type { RunState } from '../../src/domain/run.ts'
import { RunState as RunStates } from '../../src/domain/run.ts'
import { Instant, milliseconds } from '../../src/domain/units.ts'
import { verifyAudit } from '../../src/domain/verify-audit.ts'
import { event, run, runId } from '../builders/run.ts'
import type { StoreBench } from './store-bench.ts'

const at = (count: number): Instant => Instant.parse(1_700_000_000_000 + count)
const never: Bounds = { before: at(-1), most: Number.MAX_SAFE_INTEGER }

/** What is not kept for ever, and what is. */
export function retentionContract(name: string, open: () => Promise<StoreBench>): void {
  describe(`${name}: retention`, () => {
    let bench: StoreBench
    let store: ControllerStore
    beforeEach(async () => {
      bench = await open()
      ;({ store } = bench)
    })
    afterEach(async () => bench.remove())

    /** A run with all that hangs on one, last written at this count. */
    const make = async (number: number, state: RunState, parent?: number, procedure = 'scrub'): Promise<void> =>
      store.transaction(async (transaction) => {
        const child = { procedure, ...(parent === undefined ? {} : { parent: runId(parent), child: number }) }
        await transaction.createRun(run(number, { ...child, state }))
        await transaction.append(run(number, { ...child, state, version: 1 }), [event(1)])
        await transaction.addTranscript(runId(number), [command('one'), command('two')])
        await transaction.firstWords.put({
          run: runId(number),
          action: 'undo',
          choice: '',
          person: 'ann',
          planHash: 'h',
          version: 1,
          at: at(1),
        })
      })
    const forget = async (what: 'forgetRuns' | 'forgetTranscripts', bounds: Partial<Bounds>): Promise<number> => {
      let gone = 0
      for (let some = 1; some > 0;) {
        some = await store.retention[what]({ ...never, ...bounds }, ['hold', 'practice'])
        gone += some
      }
      return gone
    }
    const left = async (): Promise<number[]> => {
      const runs = await store.transaction(async (transaction) => transaction.runs({ limit: 99 }))
      return runs.map(({ id }) => Number.parseInt(id.slice(-12), 16)).toSorted((a, b) => a - b)
    }
    const transcript = async (number: number) =>
      store.transaction(async (transaction) => transaction.transcript(runId(number), 0, 9))

    test('runs that are over go when they are old, whole; of others nothing', async () => {
      for (const [index, state] of RunStates.options.entries()) await make(index + 1, state)
      await make(20, 'succeeded')
      // A part that still works keeps the whole, one that is over does not.
      await make(30, 'left')
      await make(31, 'running', 30)
      await make(40, 'undone')
      await make(41, 'succeeded', 40)
      const over = (['undone', 'left', 'succeeded'] as const).map((state) => RunStates.options.indexOf(state) + 1)
      const all = await left()
      expect(await forget('forgetRuns', { before: at(20) })).toBe(over.length)
      expect(await left()).toEqual(all.filter((number) => !over.includes(number)))
      expect(await forget('forgetRuns', { before: at(99) })).toBe(2)
      expect(await left()).toEqual(all.filter((number) => ![...over, 20, 40, 41].includes(number)))
      const { events, commands } = await store.transaction(async (transaction) => ({
        events: await transaction.events(runId(41)),
        commands: await transaction.transcript(runId(41), 0, 9),
      }))
      expect([...events, ...commands, ...(await store.firstWords.of(runId(41)))]).toEqual([])
      // The control: what is left has all that was there.
      expect(await store.transaction(async (transaction) => transaction.events(runId(31)))).toHaveLength(1)
      expect(await transcript(30)).toHaveLength(2)
    })

    test('where there are too many, the oldest that are over go', async () => {
      for (let number = 1; number <= 12; number += 1) await make(number, number % 2 === 0 ? 'succeeded' : 'failed')
      // Those that have failed must stay, and push nothing out.
      expect(await forget('forgetRuns', { most: 6 })).toBe(0)
      expect(await forget('forgetRuns', { most: 3 })).toBe(3)
      expect(await left()).toEqual([1, 3, 5, 7, 8, 9, 10, 11, 12])
      expect(await forget('forgetRuns', { most: 0 })).toBe(3)
      expect(await left()).toEqual([1, 3, 5, 7, 9, 11])
      expect(await store.retention.keptRuns([])).toBe(6)
    })

    test('a run of which something stays in the world is kept until it is undone or left', async () => {
      for (const [index, state] of (['succeeded', 'undone', 'left'] as const).entries()) {
        await make(index + 1, state, undefined, 'hold')
        await make(index + 11, state)
      }
      // A part goes with its whole.
      await make(20, 'left')
      await make(21, 'succeeded', 20, 'hold')
      expect(await store.retention.keptRuns(['hold', 'practice'])).toBe(1)
      expect(await forget('forgetRuns', { before: at(99), most: 0 })).toBe(6)
      expect(await left()).toEqual([1])
      // The control: where nobody says so, it goes.
      expect(await store.retention.forgetRuns({ ...never, before: at(99) }, [])).toBe(1)
    })

    test('of a transcript the last command stays, and says what is gone', async () => {
      await make(1, 'succeeded')
      await make(2, 'asking')
      await make(3, 'succeeded', 2)
      expect(await forget('forgetTranscripts', { before: at(99) })).toBe(1)
      const [last, ...others] = await transcript(1)
      expect(others).toEqual([])
      expect(last).toMatchObject({ sequence: 2, command: 'two', stdout: '' })
      expect(last?.stderr).toContain('2 commands')
      for (const number of [2, 3]) expect(await transcript(number)).toHaveLength(2)
      expect(await left()).toEqual([1, 2, 3])
    })

    test('where transcripts are too large, the oldest go, and no more than that', async () => {
      for (const number of [1, 2, 3, 4]) await make(number, 'left')
      const sizes = 4 * 2 * Buffer.byteLength(JSON.stringify(command('one')))
      expect(await forget('forgetTranscripts', { most: sizes / 2 })).toBe(2)
      expect(await Promise.all([1, 2, 3, 4].map(async (number) => (await transcript(number)).length))).toEqual([
        1, 1, 2, 2,
      ])
    })

    test('an audit that was cut goes on from there, and what was before it is not read as its beginning', async () => {
      const add = async (subject: string) =>
        store.audit.add({ at: at(1), who: 'ann', what: 'mute', subject, outcome: 'done' })
      const entries = []
      for (const subject of ['a', 'b', 'c', 'd']) entries.push(await add(subject))
      const [, second, third] = entries
      await expect(store.audit.cut({ sequence: 2, hash: third?.hash ?? '' })).rejects.toThrow('entry 2')
      await store.audit.cut({ sequence: 2, hash: second?.hash ?? '' })
      expect(await store.audit.origin()).toEqual({ sequence: 2, hash: second?.hash })
      expect((await store.audit.after(0, 9)).map(({ sequence }) => sequence)).toEqual([3, 4])
      expect(await verifyAudit(store.audit)).toMatchObject({ fault: null, last: { sequence: 4 } })
      // A reader that was at the first page when it was cut.
      expect(await store.audit.verifyPage({ sequence: 1, hash: entries[0]?.hash ?? '' })).toMatchObject({ fault: null })
      const fifth = await add('e')
      expect(fifth.sequence).toBe(5)
      await bench.query(
        `insert into audit select 2, at, who, what, subject, outcome, hash from audit where sequence = 3`,
      )
      expect((await verifyAudit(store.audit)).fault?.sequence).toBe(3)
      await bench.query('delete from audit where sequence <= 3')
      expect((await verifyAudit(store.audit)).fault?.sequence).toBe(3)
    })
  })
}

const command = (text: string) => ({
  step: 'mark',
  host: 'n1',
  command: text,
  at: at(1),
  took: milliseconds(3),
  exitCode: 0,
  stdout: 'said',
  stderr: '',
})
