import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ControllerStore } from '../../src/domain/ports/controller-store.ts'
import type { RunTransaction } from '../../src/domain/ports/run-store.ts'
import type { Lock, LockRequest, RunClass } from '../../src/domain/run.ts'
import { Instant } from '../../src/domain/units.ts'
import { run, runId } from '../builders/run.ts'
import type { StoreBench } from './store-bench.ts'

type Command =
  | { kind: 'take'; run: number; requests: LockRequest[]; class: RunClass; force: boolean }
  | { kind: 'release'; run: number }

const keys = ['background:host:n1', 'background:tier:hot', 'pool:n1/hot', 'pool:n1/cold']
const request: fc.Arbitrary<LockRequest> = fc.record({
  key: fc.constantFrom(...keys),
  capacity: fc.integer({ min: 1, max: 3 }),
})
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      run: fc.integer({ min: 1, max: 4 }),
      requests: fc.array(request, { maxLength: 4 }),
      class: fc.constantFrom<RunClass>('background', 'change', 'emergency'),
      force: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), run: fc.integer({ min: 1, max: 4 }) }) },
)

/** The rule, said once more and as plainly as can be: a request at a time, against a list. */
class Model {
  held: Lock[] = []

  take(taker: string, requests: readonly LockRequest[], as: { class: RunClass; at: Instant; force: boolean }): Lock[] {
    const inTheWay = new Set<Lock>()
    for (const { key } of requests) {
      const all = [...this.held, ...requests].filter((each) => each.key === key)
      const smallest = Math.min(...all.map(({ capacity }) => capacity))
      const others = this.held.filter((lock) => lock.key === key && lock.run !== taker)
      if (others.length + 1 > smallest) for (const lock of others) inTheWay.add(lock)
    }
    const answer = sorted([...inTheWay])
    if (answer.length > 0 && !as.force) return answer
    for (const { key, capacity } of requests) {
      const own = this.held.find((lock) => lock.key === key && lock.run === taker)
      this.held = this.held.filter((lock) => lock !== own)
      const least = Math.min(capacity, own?.capacity ?? capacity)
      this.held.push({ key, run: taker, capacity: least, class: as.class, takenAt: own?.takenAt ?? as.at })
    }
    return answer
  }

  release(holder: string): void {
    this.held = this.held.filter((lock) => lock.run !== holder)
  }
}

const sorted = (locks: readonly Lock[]): Lock[] =>
  locks.toSorted((a, b) => compare(a.key, b.key) || compare(a.run, b.run))
const compare = (a: string, b: string): number => Number(a > b) - Number(a < b)

/** What the model says of a command, and what the store does. */
async function carryOut(
  each: Command,
  at: Instant,
  model: Model,
  transaction: RunTransaction,
): Promise<[expected: Lock[], told: Lock[]]> {
  const who = runId(each.run)
  if (each.kind === 'release') {
    model.release(who)
    await transaction.releaseLocks(who)
    return [[], []]
  }
  const as = { class: each.class, at, force: each.force }
  return [model.take(who, each.requests, as), await transaction.takeLocks(who, each.requests, as)]
}

class Undone extends Error {}

/** Who may hold what, against a model. */
export function locksContract(name: string, open: () => Promise<StoreBench>, runs: number): void {
  describe(`${name}: locks`, () => {
    let bench: StoreBench
    let store: ControllerStore
    beforeEach(async () => {
      bench = await open()
      ;({ store } = bench)
      await store.transaction(async (transaction) => {
        for (const number of [1, 2, 3, 4]) await transaction.createRun(run(number))
      })
    })
    afterEach(async () => bench.remove())

    test('are taken, refused and given back as the model has it', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
          const model = new Model()
          const inOneTransaction = store.transaction(async (transaction) => {
            for (const [index, each] of commands.entries()) {
              const who = runId(each.run)
              const [expected, told] = await carryOut(each, Instant.parse(index), model, transaction)
              expect(told).toEqual(expected)
              expect(await transaction.locks()).toEqual(sorted(model.held))
              expect(await transaction.locks(who)).toEqual(sorted(model.held.filter((lock) => lock.run === who)))
            }
            // Rolled back, so that the next case begins with none.
            throw new Undone('all of it')
          })
          await expect(inOneTransaction).rejects.toThrow(Undone)
        }),
        { numRuns: runs },
      )
      expect(await store.transaction(async (transaction) => transaction.locks())).toEqual([])
    })

    test('of many at once that want two locks in either order, as many get them as there is room for', async () => {
      const requests = [
        { key: 'b', capacity: 2 },
        { key: 'a', capacity: 3 },
      ]
      const answers = await Promise.all(
        [1, 2, 3, 4].map(async (number) =>
          store.transaction(async (transaction) =>
            transaction.takeLocks(runId(number), number % 2 === 0 ? requests : requests.toReversed(), {
              class: 'change',
              at: Instant.parse(number),
            }),
          ),
        ),
      )
      expect(answers.filter((inTheWay) => inTheWay.length === 0)).toHaveLength(2)
      const held = await store.transaction(async (transaction) => transaction.locks())
      expect(held.map(({ key }) => key)).toEqual(['a', 'a', 'b', 'b'])
    })
  })
}
