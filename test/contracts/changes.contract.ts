import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Refusal } from '../../src/domain/errors.ts'
import { type Authority, isFinal, type OperationId, type OperationState } from '../../src/domain/operation.ts'
import type { Changes } from '../../src/domain/ports/changes.ts'
import { days, type Duration, hours, milliseconds, minutes } from '../../src/domain/units.ts'
import { operationIdAt } from '../builders/operation-id.ts'

/** One host that has just been set up, with one pool that can be scrubbed. */
export interface ChangesBench {
  /** The host as this controller reaches it. */
  as(authority: Authority): Changes
  /** The host takes this controller from now on, by name. Undefined where whoever asks is not told apart. */
  takeOver?(authority: Authority): Promise<void>
  /** The clock of the host. */
  now(): number
  /** Lets time pass on the host. Where time is real, it waits. */
  pass(time: Duration): Promise<void>
  marks(): Promise<{ mark: string; operation: string }[]>
  pool: { pool: string; guid: string }
  /** How often a scrub was begun, gone on with, paused or stopped, in all: what has really been done. */
  scrubCommands(): number
  close(): Promise<void>
}

const first: Authority = { controller: 'one', epoch: 1 }

const mark = (word: string, takes: Duration = milliseconds(0), fails = false) =>
  ({ kind: 'practice-mark', mark: word, takes, fails }) as const

/** The code of the refusal that must come. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Refusal) return error.code
  throw new Error(`no refusal, but ${String(error)}`)
}

/** Follows to the end, and lets time pass all the while. */
async function followed(bench: ChangesBench, id: OperationId, through: Changes): Promise<OperationState[]> {
  const states: OperationState[] = []
  let isOver = false
  const watching = (async () => {
    try {
      for await (const state of through.watch(id)) states.push(state)
    } finally {
      isOver = true
    }
  })()
  // The failure is thrown below; until then nobody waits for it.
  watching.catch(() => undefined)
  for (let turns = 0; !isOver && turns < 2000; turns += 1) await bench.pass(milliseconds(20))
  await watching
  return states
}

/** What everything by which a host is changed must do: the simulator, an agent over its socket, the lab. */
export function changesContract(name: string, open: () => Promise<ChangesBench>): void {
  describe(`changes: ${name}`, () => {
    let bench: ChangesBench
    let changes: Changes
    beforeEach(async () => {
      bench = await open()
      changes = bench.as(first)
    })
    afterEach(() => bench?.close())

    const newId = (ago: Duration = milliseconds(0)) => operationIdAt(bench.now() - ago)
    const follow = (id: OperationId, through = changes) => followed(bench, id, through)
    const start = () => ({ kind: 'scrub-start', ...bench.pool, errorsOnly: false }) as const

    test('an operation is accepted, done once, and its end is kept', async () => {
      const id = newId()
      expect((await changes.submit(id, mark('a'))).state).toMatch(/accepted|running|succeeded/)
      const states = await follow(id)
      expect(states.at(-1)).toMatchObject({ state: 'succeeded', result: { mark: 'a', outcome: 'left' } })
      expect(states.filter(isFinal)).toHaveLength(1)
      expect(await changes.result(id)).toMatchObject({ state: 'succeeded' })
      expect(await bench.marks()).toEqual([{ mark: 'a', operation: id }])
    })

    test('the same id again is the same operation: it runs once, however often and whenever it is asked for', async () => {
      const id = newId()
      await Promise.all([changes.submit(id, start()), changes.submit(id, start()), changes.submit(id, start())])
      expect((await follow(id)).at(-1)).toMatchObject({ state: 'succeeded', result: { outcome: 'started' } })
      expect(await changes.submit(id, start())).toMatchObject({ state: 'succeeded' })
      expect(bench.scrubCommands()).toBe(1)
      // Negative control: another id is another operation.
      const other = newId()
      await changes.submit(other, { kind: 'scrub-pause', ...bench.pool })
      await follow(other)
      expect(bench.scrubCommands()).toBe(2)
    })

    test('an id belongs to one operation', async () => {
      const id = newId()
      await changes.submit(id, mark('a'))
      await follow(id)
      expect(await refusal(changes.submit(id, mark('b')))).toBe('id-reused')
      expect((await bench.marks()).map(({ mark: word }) => word)).toEqual(['a'])
    })

    test('an id that may have been forgotten is refused, and one out of the future', async () => {
      expect(await refusal(changes.submit(newId(days(30)), mark('a')))).toBe('id-too-old')
      expect(await refusal(changes.submit(operationIdAt(bench.now() + hours(2)), mark('a')))).toBe('id-ahead')
      expect(await bench.marks()).toEqual([])
      const good = operationIdAt(bench.now() + minutes(30))
      await changes.submit(good, mark('a'))
      expect((await follow(good)).at(-1)?.state).toBe('succeeded')
    })

    test('an id that has never come is not known', async () => {
      expect(await changes.result(newId())).toBeUndefined()
      expect(await changes.cancel(newId())).toBeUndefined()
    })

    test('a watch shows progress, and can be begun in the middle and after the end', async () => {
      const id = newId()
      await changes.submit(id, mark('slow', milliseconds(1500)))
      for await (const state of changes.watch(id)) if (state.state !== 'succeeded') break
      const states = await follow(id)
      const shares = states.flatMap((state) =>
        state.state === 'running' && state.share !== undefined ? [state.share] : [],
      )
      expect(shares.length).toBeGreaterThan(0)
      expect(shares).toEqual(shares.toSorted((a, b) => a - b))
      expect(states.at(-1)?.state).toBe('succeeded')
      expect(await follow(id)).toEqual([states.at(-1)])
    })

    test('the mark is there at the end, not before', async () => {
      const id = newId()
      await changes.submit(id, mark('slow', milliseconds(1000)))
      await bench.pass(milliseconds(100))
      expect(await bench.marks()).toEqual([])
      await follow(id)
      expect(await bench.marks()).toHaveLength(1)
    })

    test('what is canceled ends, says so, and leaves no mark', async () => {
      const id = newId()
      await changes.submit(id, mark('long', hours(10)))
      await bench.pass(milliseconds(100))
      expect(await changes.cancel(id)).toBeDefined()
      expect((await follow(id)).at(-1)).toMatchObject({ state: 'failed', remedy: 'stop' })
      expect(await bench.marks()).toEqual([])
      // Called off twice, it has ended as it has.
      expect(await changes.cancel(id)).toMatchObject({ state: 'failed' })
    })

    test('what fails half-way says so, and leaves no mark', async () => {
      const id = newId()
      await changes.submit(id, mark('broken', milliseconds(200), true))
      expect((await follow(id)).at(-1)).toMatchObject({ state: 'failed' })
      expect(await bench.marks()).toEqual([])
    })

    test('a mark of somebody else is not overwritten, and one that is gone is gone', async () => {
      const [one, two] = [newId(), newId()]
      await changes.submit(one, mark('a'))
      await follow(one)
      await changes.submit(two, mark('a'))
      expect((await follow(two)).at(-1)).toMatchObject({ state: 'failed', remedy: 'ask' })
      for (const outcome of ['taken-away', 'was-none']) {
        const id = newId()
        await changes.submit(id, { kind: 'practice-unmark', mark: 'a' })
        expect((await follow(id)).at(-1)).toMatchObject({ state: 'succeeded', result: { mark: 'a', outcome } })
      }
      expect(await bench.marks()).toEqual([])
    })

    test('two on the same mark are not done at once', async () => {
      const [one, two] = [newId(), newId()]
      await changes.submit(one, mark('a', hours(1)))
      expect(await refusal(changes.submit(two, { kind: 'practice-unmark', mark: 'a' }))).toBe('busy')
      await changes.cancel(one)
      await follow(one)
      // It was refused, not forgotten: the same id may come again.
      await changes.submit(two, { kind: 'practice-unmark', mark: 'a' })
      expect((await follow(two)).at(-1)?.state).toBe('succeeded')
    })

    test('a scrub is started, paused, gone on with and stopped; what is so already is told as such', async () => {
      const steps = [
        [{ kind: 'scrub-pause', ...bench.pool }, 'was-none'],
        [{ kind: 'scrub-stop', ...bench.pool }, 'was-none'],
        [start(), 'started'],
        [start(), 'was-running'],
        [{ kind: 'scrub-pause', ...bench.pool }, 'paused'],
        [{ kind: 'scrub-pause', ...bench.pool }, 'was-paused'],
        [start(), 'started'],
        [{ kind: 'scrub-stop', ...bench.pool }, 'stopped'],
      ] as const
      for (const [operation, outcome] of steps) {
        const id = newId()
        await changes.submit(id, operation)
        expect((await follow(id)).at(-1), `${operation.kind}: ${outcome}`).toMatchObject({
          state: 'succeeded',
          result: { outcome },
        })
      }
    })

    test('a pool that was made anew is not meant: with another guid nothing is done', async () => {
      const id = newId()
      await changes.submit(id, { ...start(), guid: '1' })
      expect((await follow(id)).at(-1)).toMatchObject({ state: 'failed', remedy: 'ask' })
      expect(bench.scrubCommands()).toBe(0)
    })

    test('one controller has a host: another is refused, whatever its epoch, until it takes over by name', async (context) => {
      if (bench.takeOver === undefined) return context.skip('controllers are not told apart here')
      const a = newId()
      await changes.submit(a, mark('a'))
      await follow(a)
      const other = bench.as({ controller: 'two', epoch: 7 })
      const before = await bench.marks()
      expect(await refusal(other.submit(newId(), mark('b')))).toBe('other-controller')
      expect(await refusal(other.cancel(a))).toBe('other-controller')
      expect(await bench.marks()).toEqual(before)
      await bench.takeOver({ controller: 'two', epoch: 7 })
      expect(await refusal(changes.submit(newId(), mark('c')))).toBe('other-controller')
      const b = newId()
      await other.submit(b, mark('b'))
      await follow(b, other)
      expect((await bench.marks()).map(({ mark: word }) => word)).toEqual(['a', 'b'])
      return undefined
    })

    test('the older of two is refused, and nothing of it is run', async (context) => {
      if (bench.takeOver === undefined) return context.skip('controllers are not told apart here')
      const newer = bench.as({ controller: 'one', epoch: 2 })
      const a = newId()
      await newer.submit(a, mark('a'))
      await follow(a, newer)
      expect(await refusal(changes.submit(newId(), start()))).toBe('older-epoch')
      expect(bench.scrubCommands()).toBe(0)
      // Of what the host knows, no refusal says that it was never run.
      expect(await changes.submit(a, mark('a'))).toMatchObject({ state: 'succeeded' })
      expect(await bench.marks()).toHaveLength(1)
      return undefined
    })
  })
}

/** What must hold over the sudden end of an agent, and its next start. */
export function crashContract(name: string, open: () => Promise<ChangesBench & { crash(): Promise<void> }>): void {
  test(`${name}: what was under way when the agent was killed is lost, and never run again by itself`, async () => {
    const bench = await open()
    try {
      const changes = bench.as(first)
      const [done, lost] = [operationIdAt(bench.now()), operationIdAt(bench.now())]
      await changes.submit(done, mark('done'))
      await followed(bench, done, changes)
      await changes.submit(lost, mark('lost', milliseconds(3000)))
      await bench.pass(milliseconds(100))
      await bench.crash()
      expect((await followed(bench, lost, changes)).at(-1)).toMatchObject({ state: 'lost' })
      expect(await changes.submit(lost, mark('lost', milliseconds(3000)))).toMatchObject({ state: 'lost' })
      await bench.pass(milliseconds(3500))
      expect((await bench.marks()).map(({ mark: word }) => word)).toEqual(['done'])
      expect(await changes.result(done)).toMatchObject({ state: 'succeeded' })
      // The authority has survived too.
      const other = bench.as({ controller: 'two', epoch: 1 })
      expect(await refusal(other.submit(operationIdAt(bench.now()), mark('b')))).toBe('other-controller')
    } finally {
      await bench.close()
    }
  })
}
