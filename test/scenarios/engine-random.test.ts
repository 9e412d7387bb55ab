import { describe, expect, test } from 'vitest'
import type { RunStore } from '../../src/domain/ports/run-store.ts'
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

describe('negative controls: it is found', () => {
  test('when locks are never let go', async () => {
    expect(await found(clinging)).toMatch(/is held by a run that is|come to no end/)
  })

  test('when a run that asks lets its locks go', async () => {
    expect(await found(loose)).not.toBe('')
  })
})
