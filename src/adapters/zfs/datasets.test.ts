import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { datasetListArgs, listDatasets, parseDatasets } from './datasets.ts'
import { recorded } from './testing.ts'

/** The row that `zfs list` prints of a dataset, from the same properties as `zfs get` printed them. */
function rowOf(version: string): string {
  const values = new Map(
    recorded(version, 'A.zfsget')
      .stdout.split('\n')
      .map((line) => line.split('\t'))
      .map(([, property, value]) => [property, value]),
  )
  const columns = (datasetListArgs.at(-1) ?? '').split(',')
  return `${columns.map((column) => (column === 'name' ? 'hot' : values.get(column))).join('\t')}\n`
}

test.each([
  ['2.1.11', '6062671117212276242', 503_808, 125_325_312],
  ['2.3.2', '8911836384707478673', 491_520, 125_337_600],
  ['2.3.9', '17665248234169033301', 466_944, 125_829_120],
])('reads a file system of %s', (version, guid, used, available) => {
  expect(parseDatasets(rowOf(version))).toEqual([
    {
      name: 'hot',
      guid,
      type: 'filesystem',
      used,
      available,
      referenced: 98_304,
      quota: null,
      refquota: null,
      mountpoint: '/hot',
      mounted: true,
    },
  ])
})

const row = (fields: Record<string, string> = {}) =>
  Object.values({
    name: 'tank/my data',
    guid: '1',
    type: 'filesystem',
    used: '5',
    available: '0',
    referenced: '3',
    quota: '1073741824',
    refquota: 'none',
    mountpoint: 'legacy',
    mounted: 'no',
    ...fields,
  }).join('\t')

test('names may hold blanks, quotas may be set', () => {
  expect(parseDatasets(row())[0]).toMatchObject({
    name: 'tank/my data',
    available: 0,
    quota: 1_073_741_824,
    refquota: null,
    mountpoint: 'legacy',
    mounted: false,
  })
})

test('a volume has no mount point', () => {
  const volume = { type: 'volume', quota: '-', refquota: '-', mountpoint: '-', mounted: '-' }
  expect(parseDatasets(row(volume))[0]).toMatchObject({ type: 'volume', quota: null, mountpoint: null, mounted: null })
})

test.each([
  ['a snapshot', { type: 'snapshot' }],
  ['a size that is missing', { used: '-' }],
  ['a size that is humanised', { available: '1.5G' }],
  ['a mount point with a TAB in it', { mountpoint: '/a\tb' }],
  ['an unknown word for mounted', { mounted: 'perhaps' }],
])('refuses %s', (_what, fields) => {
  expect(() => parseDatasets(row(fields))).toThrow(UnexpectedOutput)
})

test('asks by name for what it reads, without snapshots', async () => {
  const seen: unknown[] = []
  await listDatasets(async (...call) => {
    seen.push(call.slice(0, 2))
    return ''
  })
  expect(seen).toEqual([
    [
      'zfs',
      [
        'list',
        '-Hp',
        '-t',
        'filesystem,volume',
        '-o',
        'name,guid,type,used,available,referenced,quota,refquota,mountpoint,mounted',
      ],
    ],
  ])
})
