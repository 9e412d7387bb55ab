import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { anything, array, assert, constantFrom, dictionary, oneof, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { isReadOrRefused } from '../../../test/builders/refused.ts'
import { isError, longestText } from '../../domain/logs/log.ts'
import { journalFields, readJournalLine } from './journal-entry.ts'

const recorded = (name: string): string[] =>
  readFileSync(join(import.meta.dirname, '../../../test/fixtures/systemd-252', name), 'utf8')
    .trimEnd()
    .split('\n')
const stores = new Map([
  ['ipfs@hot.service', 'hot'],
  ['ipfs-cluster@hot.service', 'hot'],
])
const read = (name: string) => recorded(name).map((line) => readJournalLine(line, stores))

test('reads every recorded line of Cluster and Kubo, with the level that they name themselves', () => {
  const entries = read('cluster-and-kubo.jsonl').flatMap((item) => (item.kind === 'entry' ? [item] : []))
  expect(entries).toHaveLength(110)
  expect(new Set(entries.map(({ store, from }) => `${store} ${from}`))).toEqual(
    new Set(['hot ipfs-cluster@hot.service']),
  )
  const errors = entries.filter(isError)
  expect(errors.length).toBeGreaterThan(10)
  // Each line that says ERROR in the one format or the other, and no more.
  const said = entries.filter(({ text }) => /\tERROR\t|"level":"error"|^error /.test(text))
  expect(errors).toEqual(said)
})

test('reads what is not plain text: lines, bytes, several values, nothing', () => {
  const [lines, bytes, long, twice, empty, none, first] = read('unit-special.jsonl')
  expect(lines).toMatchObject({ text: 'two\nlines', level: 'warning', store: 'hot', at: 1_795_477_213_823 })
  expect(bytes).toMatchObject({ text: 'bytes \ufffd\u0000 here', level: 'error' })
  expect(long).toMatchObject({ text: 'y'.repeat(6000), cut: 0 })
  expect(twice).toMatchObject({ text: 'first\nsecond' })
  expect(empty).toMatchObject({ text: '' })
  expect(none).toMatchObject({ text: '' })
  expect(first).toMatchObject({ text: 'flood 1' })
})

test('what journald has thrown away is a gap with its count', () => {
  const gaps = read('unit-special.jsonl').filter(({ kind }) => kind === 'gap')
  expect(gaps).toEqual([
    expect.objectContaining({
      missed: 430,
      text: expect.stringContaining('Suppressed 430 messages from ipfs@hot.service'),
    }),
  ])
})

test('reads the kernel’s lines', () => {
  const entries = read('kernel.jsonl')
  expect(entries.length).toBeGreaterThan(10)
  for (const entry of entries) expect(entry).toMatchObject({ kind: 'entry', store: null })
})

test('cuts a long message and says how much', () => {
  const line = JSON.stringify({ __CURSOR: 'c', __REALTIME_TIMESTAMP: '1', MESSAGE: 'x'.repeat(longestText + 5) })
  expect(readJournalLine(line, stores)).toMatchObject({ cut: 5, text: 'x'.repeat(longestText) })
})

test('a message that journalctl leaves out is null, and is no reason to stop', () => {
  const line = JSON.stringify({ __CURSOR: 'c', __REALTIME_TIMESTAMP: '1', MESSAGE: null })
  expect(readJournalLine(line, stores)).toMatchObject({ text: '' })
})

test('whatever comes is an item, or is refused with its text', () => {
  const value = oneof(anything(), string(), array(string()))
  const fields = dictionary(constantFrom(...journalFields, '__CURSOR', '__REALTIME_TIMESTAMP'), value)
  assert(
    property(
      oneof(
        fields.map((one) => JSON.stringify(one)),
        string(),
      ),
      (line) => {
        expect(isReadOrRefused(() => readJournalLine(line, stores))).toBe(true)
      },
    ),
  )
})
