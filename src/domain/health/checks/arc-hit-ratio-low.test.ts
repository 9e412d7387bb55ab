import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import type { ArcSample } from '../../arc.ts'
import { arcHitRatioLow } from './arc-hit-ratio-low.ts'

const found = (counters: Partial<ArcSample>) => {
  const { view, n1 } = bench()
  if (n1.zfs.arc.last !== null) Object.assign(n1.zfs.arc.last.value.after, { hits: 0, misses: 0, ...counters })
  return arcHitRatioLow.find(view)
}

test.each([
  [{ hits: 850, misses: 150 }, []],
  [{ hits: 849, misses: 151 }, ['warning']],
  [{ hits: 700, misses: 300 }, ['warning']],
  [{ hits: 699, misses: 301 }, ['critical']],
  [{ hits: 600, iohits: 260, misses: 140 }, []],
  [{ hits: 0, misses: 100 }, ['ok']],
  [{ hits: 0, misses: 101 }, ['critical']],
])('%j', (counters, severities) => {
  expect(found(counters).map(({ severity }) => severity)).toEqual(severities)
})

test('too few accesses are said to be too few', () => {
  expect(found({ misses: 12 })).toMatchObject([
    { subject: 'n1', summary: 'The read cache of n1 has too few accesses to be judged (12 a second).' },
  ])
})

test('counters that went back are not judged', () => {
  const { view, n1 } = bench()
  if (n1.zfs.arc.last !== null) n1.zfs.arc.last.value.before.hits = 5000
  expect(arcHitRatioLow.find(view)).toMatchObject([{ severity: 'info', endangers: '' }])
})
