import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { RunStore } from '../../src/domain/ports/run-store.ts'
import { Scheduler } from '../../src/engine/scheduler.ts'
import { randomActions } from '../builders/random-actions.ts'

// Longer: npm run proof -- engine.
const lasts = Number(process.env['TIERCEL_ENGINE_SECONDS'] ?? 0) * 1000
const firstSeed = Number(process.env['TIERCEL_ENGINE_SEED'] ?? 1)

describe('whatever people, networks and machines do to runs', () => {
  // Seeds that have found something: a run that waited with its locks in hand behind one that wanted them, a part that kept its
  // place in the queue when it had been left, and a run that gave way and came back 80 times in a second, and one
  // that asked without end for a lock that an emergency had taken beside it.
  test.each([4, 18, 27, 145])(
    'nothing is at work twice, no lock is left, all comes to an end: seed %i',
    async (seed) => {
      expect(await randomActions(seed, 50)).toEqual([])
    },
  )

  test.runIf(lasts > 0)(
    'for as long as was asked',
    async () => {
      const end = Date.now() + lasts
      let episodes = 0
      for (let seed = firstSeed * 1000; Date.now() < end; seed += 1) {
        expect(await randomActions(seed, 60)).toEqual([])
        episodes += 1
      }
      process.stdout.write(`episodes: ${episodes}\n`)
    },
    lasts + 120_000,
  )
})

async function found(store: (store: RunStore) => RunStore): Promise<string> {
  for (let seed = 1; seed <= 30; seed += 1) {
    const faults = await randomActions(seed, 50, { store })
    if (faults.length > 0) return faults.join('\n')
  }
  return ''
}

/** A store that never lets a lock go. */
const clinging = (store: RunStore): RunStore => ({
  transaction: async (work) =>
    store.transaction(async (transaction) => work({ ...transaction, releaseLocks: async () => undefined })),
})

/** A store that gives locks to whoever asks, and lets those of a run that asks go. */
const loose = (store: RunStore): RunStore => ({
  transaction: async (work) =>
    store.transaction(async (transaction) =>
      work({
        ...transaction,
        append: async (run, events) => {
          await transaction.append(run, events)
          if (run.state === 'asking') await transaction.releaseLocks(run.id)
        },
        takeLocks: async (run, requests, as) => {
          await transaction.takeLocks(run, requests, { ...as, force: true })
          return []
        },
        locks: async () => [],
      }),
    ),
})

/** A store that takes a moment, as real ones do: what goes on without end leaves time to see it. */
const slow = (store: RunStore): RunStore => ({
  async transaction(work) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    return store.transaction(work)
  },
})

describe('negative controls: it is found', () => {
  test('when locks are never let go', async () => {
    expect(await found(clinging)).toMatch(/is held by a run that is|come to no end/)
  })

  test('when whoever gives way comes back before those it gave way to: events without end', async () => {
    // oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this` below
    const { blockers } = Scheduler.prototype
    const queueless = vi.spyOn(Scheduler.prototype, 'blockers').mockImplementation(function (this: Scheduler, want) {
      return blockers.call(this, want).filter(({ key }) => key !== undefined)
    })
    onTestFinished(() => queueless.mockRestore())
    expect(await found(slow)).toMatch(/has had \d+ events in/)
  })

  test('when a run that asks lets its locks go', async () => {
    expect(await found(loose)).not.toBe('')
  })
})
