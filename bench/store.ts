import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore } from '../src/adapters/store/open-sqlite.ts'
import { Instant } from '../src/domain/units.ts'
import type { ControllerStore } from '../src/domain/ports/controller-store.ts'
import type { RunFilter } from '../src/domain/ports/run-store.ts'
import { RunRecord, type StoredEvent } from '../src/domain/run.ts'
import { type Benchmark, ratioText } from './benchmark.ts'
import { middle } from './measure.ts'

const runs = 100_000
const repeats = 201

/** The controller's store: lists over many runs, and one event with its commit against the same on bare `node:sqlite`. */
export const store: Benchmark = {
  name: 'store',
  title: `the controller's store on SQLite, with ${runs.toLocaleString('en')} finished runs`,
  async run({ say }) {
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-bench-store-'))
    const opened = await openSqliteStore({ path: join(folder, 'store.db') })
    try {
      say(`writes ${runs} runs`)
      await fill(opened)
      const rows: string[][] = []
      for (const [called, filter] of lists) {
        say(called)
        const took = await times(async () => opened.transaction(async (transaction) => transaction.runs(filter)))
        rows.push([called, ...figures(took), '≤ 50 ms'])
      }
      say('appends, in turn with bare node:sqlite')
      const { ours, bare } = await appends(opened, folder)
      rows.push(
        ['one event appended, and on disk', ...figures(ours), ratioText(middle(ours) / middle(bare))],
        ['INSERT and COMMIT on bare node:sqlite', ...figures(bare), '1'],
      )
      return { header: ['', 'median', '99 of 100', 'at most, or against bare node:sqlite'], rows }
    } finally {
      await opened.close()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const lists: readonly (readonly [string, RunFilter])[] = [
  ['the newest 100 runs', { limit: 100 }],
  ['the newest 100 without a parent', { parent: null, limit: 100 }],
  [
    'the newest 100 that were left (1 of 1,000), of one procedure',
    { states: ['left'], procedure: 'scrub', limit: 100 },
  ],
  ['all that are active (none is)', { states: ['waiting', 'running', 'paused', 'undoing'], limit: 100 }],
  ['100 from the middle', { before: idOf(runs / 2), limit: 100 }],
]

function idOf(number: number): string {
  return `0198c5a0-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}

function runOf(number: number, changes: Partial<RunRecord> = {}): RunRecord {
  return RunRecord.parse({
    id: idOf(number),
    parent: number % 10 === 0 ? null : idOf(number - (number % 10)),
    child: number % 10 === 0 ? null : (number % 10) - 1,
    procedure: number % 3 === 0 ? 'practice' : 'scrub',
    title: `Scrub of hot-tier on n${number}`,
    class: 'background',
    state: number % 1000 === 1 ? 'left' : 'succeeded',
    version: 0,
    progress: '',
    share: 1,
    reason: '',
    input: { tier: 'hot' },
    plan: { pool: 'hot-tier', host: `n${number}`, guid: '18446744073709551615', locks: ['pool:n1/hot-tier'] },
    planHash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    requestedBy: 'ann',
    createdAt: 1_700_000_000_000 + number,
    updatedAt: 1_700_000_000_000 + number,
    endedAt: 1_700_000_000_000 + number,
    ...changes,
  })
}

async function fill(opened: ControllerStore): Promise<void> {
  const batch = 2000
  for (let first = 0; first < runs; first += batch) {
    await opened.transaction(async (transaction) => {
      for (let number = first; number < first + batch; number += 1) await transaction.createRun(runOf(number))
    })
  }
}

const body: StoredEvent['body'] = { kind: 'began', step: 'verify', operation: idOf(7), says: 'x'.repeat(200) }

/** One of each in turn, so that whatever else the disk does meets both alike. */
async function appends(opened: ControllerStore, folder: string): Promise<{ ours: number[]; bare: number[] }> {
  using plain = new DatabaseSync(join(folder, 'plain.db'))
  plain.exec('pragma journal_mode = wal')
  plain.exec('pragma synchronous = full')
  plain.exec('create table events (run text, sequence integer, at integer, body text, primary key (run, sequence))')
  const insert = plain.prepare('insert into events values (?, ?, ?, ?)')
  const ours: number[] = []
  const bare: number[] = []
  for (let version = 1; version <= repeats; version += 1) {
    const startedAt = performance.now()
    await opened.transaction(async (transaction) =>
      transaction.append(runOf(0, { version }), [{ sequence: version, at: Instant.parse(version), body }]),
    )
    const between = performance.now()
    plain.exec('begin immediate')
    insert.run(idOf(0), version, version, JSON.stringify(body))
    plain.exec('commit')
    ours.push(between - startedAt)
    bare.push(performance.now() - between)
  }
  return { ours, bare }
}

async function times(work: () => Promise<unknown>): Promise<number[]> {
  const took: number[] = []
  for (let count = 0; count < repeats; count += 1) {
    const startedAt = performance.now()
    await work()
    took.push(performance.now() - startedAt)
  }
  return took
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
const millisecondsText = (value: number): string => `${value.toFixed(2)} ms`
const figures = (values: readonly number[]): string[] => [
  millisecondsText(middle(values)),
  millisecondsText(sorted(values)[Math.floor(values.length * 0.99)] ?? Number.NaN),
]
