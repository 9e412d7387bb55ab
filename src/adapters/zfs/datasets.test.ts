import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { Exec } from '../system/exec.ts'
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
  return `${columns.map((column) => (column === 'name' ? 'hot' : (values.get(column) ?? '-'))).join('\t')}\n`
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
      usedBySnapshots: 0,
      quota: null,
      refquota: null,
      mountpoint: '/hot',
      mounted: true,
      canmount: 'on',
      keyStatus: null,
      encryptionRoot: null,
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
    usedbysnapshots: '1',
    quota: '1073741824',
    refquota: 'none',
    mountpoint: 'legacy',
    mounted: 'no',
    canmount: 'noauto',
    keystatus: '-',
    encryptionroot: '-',
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
  const volume = { type: 'volume', quota: '-', refquota: '-', mountpoint: '-', mounted: '-', canmount: '-' }
  expect(parseDatasets(row(volume))[0]).toMatchObject({ type: 'volume', quota: null, mountpoint: null, mounted: null })
})

test.each([
  ['a snapshot', { type: 'snapshot' }],
  ['a size that is missing', { used: '-' }],
  ['a size that is humanised', { available: '1.5G' }],
  ['a mount point with a TAB in it', { mountpoint: '/a\tb' }],
  ['an unknown word for mounted', { mounted: 'perhaps' }],
  ['an unknown word for the key', { keystatus: 'lost' }],
  ['an unknown word for canmount', { canmount: 'maybe' }],
])('refuses %s', (_what, fields) => {
  expect(() => parseDatasets(row(fields))).toThrow(UnexpectedOutput)
})

/** Runs nothing: hands the text over in pieces, as a program does. */
const printing =
  (text: string, pieceBytes = 7): Exec =>
  async (_file, _args, options) => {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += pieceBytes) options?.onStdout?.(bytes.subarray(at, at + pieceBytes))
    return ''
  }

test.each(['2.1.11', '2.3.2'])(
  'an encrypted dataset of %s tells its root, and whether its key is loaded',
  (version) => {
    const columns = (name: string) =>
      new Map(
        recorded(version, name)
          .stdout.split('\n')
          .map((line) => line.split('\t'))
          .map(([, property, value]) => [property, value]),
      )
    const rowWith = (name: string) =>
      row({
        keystatus: columns(name).get('keystatus') ?? '',
        encryptionroot: columns(name).get('encryptionroot') ?? '',
      })
    expect(parseDatasets(rowWith('R.enc-props'))[0]).toMatchObject({ keyStatus: 'available', encryptionRoot: 'n/enc' })
    expect(parseDatasets(rowWith('R.raw-props'))[0]).toMatchObject({
      keyStatus: 'unavailable',
      encryptionRoot: 'n/encdst',
    })
  },
)

test('reads what comes in pieces, and keeps what the stores need', async () => {
  const text = `${row({ name: 'tank' })}\n${row({ name: 'tänk/ipfs' })}\n`
  const { kept, total } = await listDatasets(printing(text), ['tänk/ipfs'])
  expect([total, kept.map(({ name }) => name)]).toEqual([2, ['tank', 'tänk/ipfs']])
})

test('a list that was cut is refused, and so is one with a line that is not understood', async () => {
  await expect(listDatasets(printing(row()), [])).rejects.toThrow(UnexpectedOutput)
  await expect(listDatasets(printing(`${row({ used: 'much' })}\n`), [])).rejects.toThrow(UnexpectedOutput)
})

test('of 100,000 datasets, an observation carries few', async () => {
  const text = Array.from({ length: 100_000 }, (_, index) => `${row({ name: `tank/guest${index}` })}\n`).join('')
  const list = await listDatasets(printing(text, 65_536), ['hot-tier/ipfs-cluster'])
  expect(list.total).toBe(100_000)
  expect(JSON.stringify(list).length).toBeLessThan(50_000)
})

test('asks by name for what it reads, without snapshots', async () => {
  const seen: unknown[] = []
  await listDatasets(async (...call) => {
    seen.push(call.slice(0, 2))
    return ''
  }, [])
  expect(seen).toEqual([
    [
      'zfs',
      [
        'list',
        '-Hp',
        '-t',
        'filesystem,volume',
        '-o',
        'name,guid,type,used,available,referenced,usedbysnapshots,quota,refquota,mountpoint,mounted,canmount,keystatus,encryptionroot',
      ],
    ],
  ])
})
