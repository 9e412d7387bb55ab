import { describe, expect, test } from 'vitest'
import { disk, group, poolStatus } from '../../../test/builders/pool-status.ts'
import type { Scan, Vdev } from '../pool-status.ts'
import { danger, leafName, margins, placedLeaves, weakest } from './redundancy.ts'

const failed = (name: string) => disk(name, { state: 'FAULTED' })
const marginOf = (vdev: Vdev, resilvering = false) => {
  const status = poolStatus('p', [vdev])
  if (resilvering) status.scans = [{ kind: 'resilver', state: 'in-progress', errors: null }]
  const [margin] = margins(status)
  return margin && { out: margin.out, left: margin.left }
}

describe('how many more disks can be lost', () => {
  test.each<[string, Vdev, { out: number; left: number }]>([
    ['a whole mirror', group('mirror-0', 'mirror', [disk('a'), disk('b')]), { out: 0, left: 1 }],
    ['a mirror with one dead side', group('mirror-0', 'mirror', [disk('a'), failed('b')]), { out: 1, left: 0 }],
    ['a dead mirror', group('mirror-0', 'mirror', [failed('a'), failed('b')]), { out: 2, left: -1 }],
    ['three sides, one dead', group('mirror-0', 'mirror', [disk('a'), disk('b'), failed('c')]), { out: 1, left: 1 }],
    ['raidz1, one dead', group('raidz1-0', 'raidz', [disk('a'), disk('b'), failed('c')]), { out: 1, left: 0 }],
    [
      'raidz2, one dead',
      group('raidz2-0', 'raidz', [disk('a'), disk('b'), disk('c'), failed('d')]),
      { out: 1, left: 1 },
    ],
    [
      'draid2, one dead',
      group('draid2:4d:9c:1s-0', 'draid', [disk('a'), failed('b'), disk('c'), disk('d')]),
      { out: 1, left: 1 },
    ],
    ['a raidz of an unknown name', group('raidzz', 'raidz', [disk('a'), failed('b')]), { out: 1, left: 0 }],
    ['a disk alone', disk('a'), { out: 0, left: 0 }],
    ['a dead disk alone', failed('a'), { out: 1, left: -1 }],
    [
      'a side that is being resilvered',
      group('mirror-0', 'mirror', [disk('a'), disk('b', { note: '(resilvering)' })]),
      { out: 1, left: 0 },
    ],
    [
      'a side that a spare stands in for',
      group('mirror-0', 'mirror', [
        disk('a'),
        group('spare-1', 'spare', [failed('b'), disk('s')], { state: 'DEGRADED' }),
      ]),
      { out: 0, left: 1 },
    ],
  ])('%s', (_, vdev, margin) => expect(marginOf(vdev)).toEqual(margin))

  test('a disk being replaced counts as gone as long as it is being replaced, marked or not', () => {
    const replacing = group('replacing-1', 'replacing', [failed('b'), disk('new')], { state: 'DEGRADED' })
    const mirror = group('mirror-0', 'mirror', [disk('a'), replacing])
    expect(marginOf(mirror, true)).toEqual({ out: 1, left: 0 })
    expect(marginOf(mirror, false)).toEqual({ out: 1, left: 0 })
  })

  test('a disk being replaced that still works does not', () => {
    const replacing = group('replacing-1', 'replacing', [disk('b'), disk('new', { note: '(resilvering)' })])
    expect(marginOf(group('mirror-0', 'mirror', [disk('a'), replacing]), true)).toEqual({ out: 0, left: 1 })
  })
})

const scanning = (vdev: Vdev, scan: Partial<Scan>) => {
  const status = poolStatus('p', [vdev])
  status.scans = [{ kind: 'rebuild', state: 'in-progress', errors: null, ...scan }]
  return margins(status)[0]
}

describe('a resilver that does not say which disk is behind', () => {
  const mirror = group('mirror-0', 'mirror', [disk('a'), disk('b'), disk('new')])

  test('JSON has no marks during a rebuild: one side counts as gone', () => {
    expect(scanning(mirror, { vdev: 'mirror-0' })).toMatchObject({ out: 1, left: 1, builtFor: 2 })
  })

  test('the rebuild of another vdev says nothing of this one', () => {
    expect(scanning(mirror, { vdev: 'mirror-1' })).toMatchObject({ out: 0, left: 2 })
  })

  test('it does not lose what is not known to be lost', () => {
    const half = group('mirror-0', 'mirror', [disk('a'), failed('b')], { state: 'DEGRADED' })
    expect(scanning(half, { kind: 'resilver' })).toMatchObject({ out: 1, left: 0 })
  })

  test('where a disk is being replaced, that is the one', () => {
    const replacing = group('replacing-1', 'replacing', [disk('b'), disk('c')])
    expect(scanning(group('mirror-0', 'mirror', [disk('a'), replacing]), { kind: 'resilver' })).toMatchObject({
      out: 0,
      left: 1,
    })
  })
})

test('a spare counts once what it stands in for has been written to it', () => {
  const spare = group('spare-1', 'spare', [failed('b'), disk('s')], { state: 'DEGRADED' })
  const mirror = group('mirror-0', 'mirror', [disk('a'), spare], { state: 'DEGRADED' })
  expect(scanning(mirror, { kind: 'resilver' })).toMatchObject({ out: 1, left: 0 })
  expect(scanning(mirror, { kind: 'resilver', state: 'canceled' })).toMatchObject({ out: 1, left: 0 })
  expect(scanning(mirror, { kind: 'resilver', state: 'finished' })).toMatchObject({ out: 0, left: 1 })
})

test('what is left of a removed vdev has no disks to lose', () => {
  expect(margins(poolStatus('p', [{ ...disk('indirect-0'), kind: 'indirect' }, disk('a')]))).toHaveLength(1)
})

test('the weakest part is the one nearest to its loss, special vdevs included', () => {
  const status = poolStatus('p', [group('raidz2-0', 'raidz', [disk('a'), disk('b'), disk('c'), failed('d')])])
  expect(weakest(status)?.vdev.name).toBe('raidz2-0')
  status.vdevs.special = [group('mirror-1', 'mirror', [disk('e'), failed('f')])]
  expect(weakest(status)?.vdev.name).toBe('mirror-1')
  // Where nothing is out, the one that can lose least.
  const whole = poolStatus('p', [group('mirror-0', 'mirror', [disk('a'), disk('b')]), disk('c')])
  expect(weakest(whole)).toMatchObject({ vdev: { name: 'c' }, out: 0 })
})

const said = (vdev: Vdev) => margins(poolStatus('p', [vdev])).map((margin) => danger(margin, 'the pins'))[0]

test('the danger is said in disks', () => {
  expect(said(group('mirror-0', 'mirror', [disk('a'), failed('b')]))).toBe(
    'One more failed disk in mirror-0 loses the pool, and with it the pins.',
  )
  expect(said(group('raidz2-0', 'raidz', [disk('a'), disk('b'), failed('c')]))).toBe(
    'raidz2-0 can lose 1 more disk; one beyond that loses the pool, and with it the pins.',
  )
  expect(said(failed('a'))).toContain('a has lost more disks than it can do without')
  expect(said(disk('a'))).toContain('a stands alone')
})

test('logs, caches and spares have no margin: the pool lives without them', () => {
  const status = poolStatus('p', [disk('a')])
  status.vdevs.log = [group('mirror-1', 'mirror', [disk('l1'), disk('l2')])]
  status.vdevs.spare = [disk('s', { state: 'AVAIL' })]
  const placed = placedLeaves(status).map(({ leaf, class: name, margin }) => [leaf.name, name, margin !== undefined])
  expect(placed).toEqual([
    ['a', 'data', true],
    ['l1', 'log', false],
    ['l2', 'log', false],
    ['s', 'spare', false],
  ])
})

test('a disk that is only a number is called by what it was', () => {
  expect(leafName(disk('1234', { note: 'was /dev/sdb1' }))).toBe('1234 (was /dev/sdb1)')
  expect(leafName(disk('sdb', { note: 'too many errors' }))).toBe('sdb')
})
