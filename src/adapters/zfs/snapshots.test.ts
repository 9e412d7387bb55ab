import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { parseSnapshots, snapshotListArgs } from './snapshots.ts'
import { recorded } from './testing.ts'

const line = (cells: Record<string, string> = {}) =>
  `${Object.values({
    name: 'n/src@1',
    guid: '1495845467951179434',
    createtxg: '331',
    creation: '1795402100',
    used: '12288',
    referenced: '98304',
    userrefs: '0',
    defer_destroy: 'off',
    'tiercel:operation': '-',
    ...cells,
  }).join('\t')}\n`

test('asks one dataset by name for what it reads, oldest first', () => {
  expect(snapshotListArgs('n/my data')).toEqual([
    'list',
    '-Hp',
    '-t',
    'snapshot',
    '-d',
    '1',
    '-s',
    'createtxg',
    '-o',
    'name,guid,createtxg,creation,used,referenced,userrefs,defer_destroy,tiercel:operation',
    'n/my data',
  ])
})

test.each(['2.1.11', '2.3.2'])('reads names, guids and transaction groups as %s prints them', (version) => {
  const rows = recorded(version, 'R.guids')
    .stdout.split('\n')
    .map((row) => row.split('\t'))
    .filter(([name]) => name?.startsWith('n/src@'))
  const text = rows.map(([name = '', guid = '', createtxg = '']) => line({ name, guid, createtxg })).join('')
  expect(parseSnapshots(text).map(({ name, guid, createtxg }) => [name, guid, String(createtxg)])).toEqual(rows)
  expect(rows).toHaveLength(2)
})

test.each(['2.1.11', '2.3.2'])('a snapshot of %s that waits for its last hold says so', (version) => {
  const values = recorded(version, 'N.defer-get').stdout.split('\n')
  const value = (property: string) => values.find((row) => row.includes(`\t${property}\t`))?.split('\t')[2] ?? ''
  const text = line({ userrefs: value('userrefs'), defer_destroy: value('defer_destroy') })
  expect(parseSnapshots(text)).toMatchObject([{ userrefs: 1, isDeferred: true }])
})

test('a property of ours is there only where it is set; moments are milliseconds', () => {
  const text = line() + line({ name: 'n/src@of ours', 'tiercel:operation': '0190-7' })
  expect(parseSnapshots(text)).toMatchObject([
    { properties: {}, creation: 1_795_402_100_000, used: 12_288, referenced: 98_304, isDeferred: false },
    { name: 'n/src@of ours', properties: { 'tiercel:operation': '0190-7' } },
  ])
})

test('a dataset without snapshots has none', () => {
  expect(parseSnapshots('')).toEqual([])
})

test.each([
  ['a size that is humanised', { used: '12K' }],
  ['a number of holds that is not told', { userrefs: '-' }],
  ['a date in words', { creation: 'Mon Nov 23 02:48 2026' }],
  ['an unknown word for destroyed later', { defer_destroy: 'perhaps' }],
  ['a guid that is none', { guid: '-' }],
  ['a property with a TAB in it', { 'tiercel:operation': 'a\tb' }],
])('refuses %s', (_what, cells) => {
  expect(() => parseSnapshots(line(cells))).toThrow(UnexpectedOutput)
})
