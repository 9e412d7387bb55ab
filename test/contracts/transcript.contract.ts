import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ControllerStore } from '../../src/domain/ports/controller-store.ts'
import type { TranscriptEntry } from '../../src/domain/ports/run-store.ts'
import { Instant, milliseconds } from '../../src/domain/units.ts'
import { run, runId } from '../builders/run.ts'
import type { StoreBench } from './store-bench.ts'

const entry = (number: number, stdout: string): Omit<TranscriptEntry, 'sequence'> => ({
  step: `step-${number}`,
  host: 'n1',
  command: `zpool status ${number}`,
  at: Instant.parse(number),
  took: milliseconds(3),
  exitCode: number % 2 === 0 ? 0 : null,
  stdout,
  stderr: '',
})

/** Commands of a run, within bounds. The bench has room for 10,000 bytes and 40 commands. */
export function transcriptContract(name: string, open: () => Promise<StoreBench>): void {
  describe(`${name}: transcripts`, () => {
    let bench: StoreBench
    let store: ControllerStore
    beforeEach(async () => {
      bench = await open()
      ;({ store } = bench)
      await store.transaction(async (transaction) => {
        await transaction.createRun(run(1))
        await transaction.createRun(run(2))
      })
    })
    afterEach(async () => bench.remove())

    const add = async (number: number, stdout: string) =>
      store.transaction(async (transaction) => transaction.addTranscript(runId(1), [entry(number, stdout)]))
    const read = async (after = 0, limit = 999) =>
      store.transaction(async (transaction) => transaction.transcript(runId(1), after, limit))

    test('are read in order and in pages, as they were written', async () => {
      const entries = [1, 2, 3, 4, 5].map((number) => entry(number, `a\0\ud800“${number}”\n`))
      await store.transaction(async (transaction) => {
        await transaction.addTranscript(runId(1), entries.slice(0, 2))
        await transaction.addTranscript(runId(2), [entry(9, '')])
      })
      await store.transaction(async (transaction) => transaction.addTranscript(runId(1), entries.slice(2)))
      const numbered = entries.map((each, index) => ({ sequence: index + 1, ...each }))
      expect(await read()).toEqual(numbered)
      expect(await read(1, 2)).toEqual(numbered.slice(1, 3))
      expect(await read(5, 2)).toEqual([])
    })

    test('output beyond the bound is left out, with its size; commands and what fits stay', async () => {
      await add(2, 'x'.repeat(9000))
      await add(4, 'y'.repeat(5000))
      await add(6, 'short')
      const [whole, cut, short] = await read()
      expect(whole?.stdout).toHaveLength(9000)
      expect(cut).toMatchObject({ command: 'zpool status 4', exitCode: 0, stdout: '' })
      expect(cut?.stderr).toContain('5000 characters')
      expect(short?.stdout).toBe('short')
    })

    test('however many commands there are, what is kept is bounded, and its end says so', async () => {
      for (let batch = 0; batch < 10; batch += 1) {
        const entries = Array.from({ length: 12 }, (_, index) => entry(index, 'z'.repeat(900)))
        await store.transaction(async (transaction) => transaction.addTranscript(runId(1), entries))
      }
      const kept = await read()
      expect(kept).toHaveLength(40)
      expect(kept.at(-1)?.stderr).toContain('is full')
      expect(JSON.stringify(kept).length).toBeLessThan(40_000)
    })
  })
}
