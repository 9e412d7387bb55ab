import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { listPools, listPoolsWithSpace, parsePools, poolListArgs } from './pools.ts'
import { asAsked, recorded } from './testing.ts'
import { vdevSpaceArgs } from './vdev-space.ts'

/** The row that `zpool list` prints of a pool, from the same properties as `zpool get` printed them. */
function rowOf(version: string, name: string): string {
  const values = new Map(
    recorded(version, name)
      .stdout.split('\n')
      .map((line) => line.split('\t'))
      .map(([pool, property, value]) => [property, property === undefined ? pool : value]),
  )
  const [pool] = recorded(version, name).stdout.split('\t', 1)
  const columns = (poolListArgs.at(-1) ?? '').split(',')
  return `${columns.map((column) => (column === 'name' ? pool : values.get(column))).join('\t')}\n`
}

test.each([
  ['2.1.11', '13714400656920172125', 503_808],
  ['2.3.2', '3241203364189165794', 491_520],
  ['2.3.9', '9621195188482130058', 466_944],
])('reads a pool of %s', (version, guid, allocated) => {
  expect(parsePools(rowOf(version, 'A.get'))).toEqual([
    {
      name: 'hot',
      guid,
      size: 503_316_480,
      allocated,
      free: 503_316_480 - allocated,
      capacity: 0,
      fragmentation: 0,
      health: 'ONLINE',
      readonly: false,
      vdevs: [],
    },
  ])
})

const row = (fields: Record<string, string>) =>
  Object.values({
    name: 'tank',
    guid: '1',
    size: '100',
    allocated: '73',
    free: '27',
    capacity: '73',
    fragmentation: '61',
    health: 'ONLINE',
    readonly: 'off',
    ...fields,
  }).join('\t')

test('percents become shares, a dash is not known', () => {
  expect(parsePools(row({ readonly: 'on', fragmentation: '-', health: 'SUSPENDED' }))[0]).toMatchObject({
    capacity: 0.73,
    fragmentation: null,
    health: 'SUSPENDED',
    readonly: true,
  })
})

test('a pool that could not be opened has no sizes', () => {
  const unopened = { size: '-', allocated: '-', free: '-', capacity: '-', fragmentation: '-', health: 'FAULTED' }
  expect(parsePools(row(unopened))[0]).toMatchObject({ size: 0, capacity: 0, health: 'FAULTED' })
})

test.each([
  ['a size of a pool that is open', { size: '-' }],
  ['a capacity of a pool that is open', { capacity: '-' }],
  ['a health that is unknown', { health: 'FINE' }],
  ['a size that is humanised', { size: '480M' }],
  ['a size beyond 2^53', { size: '18446744073709551615' }],
  ['a readonly that is neither', { readonly: 'maybe' }],
])('refuses %s', (_what, fields) => {
  expect(() => parsePools(row(fields))).toThrow(UnexpectedOutput)
})

test('no pools are an empty list', async () => {
  expect(await listPools(async () => recorded('2.1.11', 'nopools.list').stdout)).toEqual([])
})

test('tells the space of each vdev with its pool', async () => {
  const asked: unknown[] = []
  const [pool] = await listPoolsWithSpace(async (_file, args) => {
    asked.push(args)
    return args.includes('-HpvP') ? asAsked(recorded('2.3.2', 'A.list-Hpv').stdout) : rowOf('2.3.2', 'A.get')
  })
  expect(asked).toEqual([poolListArgs, vdevSpaceArgs])
  expect(pool?.vdevs.map((vdev) => `${vdev.class} ${vdev.name}`)).toEqual([
    'data mirror-0',
    'special mirror-2',
    'log mirror-1',
  ])
})

test('asks by name for what it reads', async () => {
  const seen: unknown[] = []
  await listPools(async (...call) => {
    seen.push(call.slice(0, 2))
    return ''
  })
  expect(seen).toEqual([
    ['zpool', ['list', '-Hp', '-o', 'name,guid,size,allocated,free,capacity,fragmentation,health,readonly']],
  ])
})
