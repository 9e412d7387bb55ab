import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { recorded } from './testing.ts'
import { listVdevSpace, parseVdevSpace } from './vdev-space.ts'

test.each([
  ['2.1.11', 503_808, 0.03],
  ['2.3.2', 491_520, 0.04],
  ['2.3.9', 466_944, 0.04],
])('a pool of %s with special, log, cache and spare', (version, allocated, fragmentation) => {
  const size = 251_658_240
  expect(parseVdevSpace(recorded(version, 'A.list-Hpv').stdout)).toEqual({
    hot: [
      { name: 'mirror-0', class: 'data', size, allocated: 0, free: size, fragmentation: 0 },
      { name: 'mirror-2', class: 'special', size, allocated, free: size - allocated, fragmentation },
      { name: 'mirror-1', class: 'log', size, allocated: 0, free: size, fragmentation: 0 },
    ],
  })
})

test.each(['2.1.11', '2.3.2'])('disks that are vdevs of their own, and one that was removed, of %s', (version) => {
  const { rmv } = parseVdevSpace(recorded(version, 'I.list').stdout)
  expect(rmv?.map((vdev) => [vdev.name, vdev.class, vdev.allocated + vdev.free === vdev.size])).toEqual([
    ['/f/v1', 'data', false],
    ['/f/v2', 'data', false],
  ])
})

test('each pool begins anew with its data', () => {
  const text = recorded('2.3.2', 'A.list-Hpv').stdout + recorded('2.3.2', 'I.list').stdout
  const found = parseVdevSpace(text)
  expect(Object.keys(found)).toEqual(['hot', 'rmv'])
  expect(found['rmv']?.every((vdev) => vdev.class === 'data')).toBe(true)
})

test('no pools are none', async () => {
  expect(await listVdevSpace(async () => '')).toEqual({})
})

const pool = 'p\t1\t1\t0\t-\t-\t0\t0\t1.00\tONLINE\t-\n'
test.each([
  ['a class that is not known', `${pool}metalog     -      -  -\n`],
  ['a class with numbers', `${pool}special     1      -  -\n`],
  ['a row with other columns', `${pool}\tmirror-0\t1\t2\n`],
  ['a vdev without a pool', '\tmirror-0\t1\t0\t1\t-\t-\t0\t0\t-\tONLINE\n'],
  ['a size that is humanised', `${pool}\tmirror-0\t1G\t0\t1\t-\t-\t0\t0\t-\tONLINE\n`],
])('refuses %s', (_what, text) => {
  expect(() => parseVdevSpace(text)).toThrow(UnexpectedOutput)
})
