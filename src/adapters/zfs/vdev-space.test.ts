import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { allRecorded, asAsked, recorded } from './testing.ts'
import { listVdevSpace, parseVdevSpace, vdevSpaceArgs } from './vdev-space.ts'

test('asks for the columns that old releases print of a vdev whatever they are asked', () => {
  expect(vdevSpaceArgs).toEqual([
    'list',
    '-HpvP',
    '-o',
    'name,size,allocated,free,checkpoint,expandsize,fragmentation,capacity,dedupratio,health',
  ])
})

test.each([
  ['2.1.11', 503_808, 0.03],
  ['2.3.2', 491_520, 0.04],
  ['2.3.9', 466_944, 0.04],
])('a pool of %s with special, log, cache and spare', (version, allocated, fragmentation) => {
  const size = 251_658_240
  expect(parseVdevSpace(asAsked(recorded(version, 'A.list-Hpv').stdout))).toEqual({
    hot: [
      { name: 'mirror-0', class: 'data', size, allocated: 0, free: size, fragmentation: 0 },
      { name: 'mirror-2', class: 'special', size, allocated, free: size - allocated, fragmentation },
      { name: 'mirror-1', class: 'log', size, allocated: 0, free: size, fragmentation: 0 },
    ],
  })
})

test.each(['2.1.11', '2.3.2'])('disks that are vdevs of their own, and one that was removed, of %s', (version) => {
  const { rmv } = parseVdevSpace(asAsked(recorded(version, 'I.list').stdout))
  expect(rmv?.map((vdev) => [vdev.name, vdev.class, vdev.allocated + vdev.free === vdev.size])).toEqual([
    ['/f/v1', 'data', false],
    ['/f/v2', 'data', false],
  ])
})

test('all classes of 2.4.4, one of them degraded', () => {
  const { cl } = parseVdevSpace(asAsked(recorded('2.4.4', 'classes-log-degraded.list-HpvP').stdout))
  expect(cl?.map(({ name, class: kind, allocated, fragmentation }) => [name, kind, allocated, fragmentation])).toEqual([
    ['mirror-0', 'data', 12_582_912, 0.01],
    ['mirror-2', 'dedup', 27_648, 0.09],
    ['mirror-1', 'special', 277_504, 0.1],
    ['mirror-3', 'log', 0, 0],
  ])
})

test.each(allRecorded('2.4.4', '.list-HpvP'))('$name of 2.4.4: the vdevs make up the pool', ({ stdout }) => {
  const [name = '', size = '', allocated = ''] = stdout.split('\t', 3)
  const vdevs = parseVdevSpace(asAsked(stdout))[name]?.filter((vdev) => vdev.class !== 'log') ?? []
  expect(vdevs.reduce((sum, vdev) => sum + vdev.allocated, 0)).toBe(Number(allocated))
  expect(vdevs.reduce((sum, vdev) => sum + vdev.allocated + vdev.free, 0)).toBe(Number(size))
})

test('each pool begins anew with its data', () => {
  const text = recorded('2.3.2', 'A.list-Hpv').stdout + recorded('2.3.2', 'I.list').stdout
  const found = parseVdevSpace(asAsked(text))
  expect(Object.keys(found)).toEqual(['hot', 'rmv'])
  expect(found['rmv']?.every((vdev) => vdev.class === 'data')).toBe(true)
})

test('no pools are none', async () => {
  expect(await listVdevSpace(async () => '')).toEqual({})
})

const pool = 'p\t1\t1\t0\t-\t-\t0\t0\t1.00\tONLINE\n'
test.each([
  ['a class that is not known', `${pool}metalog     -      -  -\n`],
  ['a class with numbers', `${pool}special     1      -  -\n`],
  ['a default listing of 2.1', recorded('2.1.11', 'A.list-Hpv').stdout],
  ['a default listing of 2.4.4', recorded('2.4.4', 'fresh.list-HpvP').stdout],
  ['a row with other columns', `${pool}\tmirror-0\t1\t2\n`],
  ['a vdev without a pool', '\tmirror-0\t1\t0\t1\t-\t-\t0\t0\t-\tONLINE\n'],
  ['a size that is humanised', `${pool}\tmirror-0\t1G\t0\t1\t-\t-\t0\t0\t-\tONLINE\n`],
])('refuses %s', (_what, text) => {
  expect(() => parseVdevSpace(text)).toThrow(UnexpectedOutput)
})
