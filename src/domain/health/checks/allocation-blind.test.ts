import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { before, trouble } from '../../../../test/builders/readings.ts'
import { minutes, seconds } from '../../units.ts'
import { allocationBlind } from './allocation-blind.ts'

const silence = ({ store }: BenchHost, name: string, lapsed = minutes(5)) => {
  for (const own of store.metrics.last?.value.own ?? []) {
    if (own.name === name) own.seenAt = before(own.seenAt, lapsed)
  }
}

test('peers that announce what the allocator asks for say nothing', () => {
  expect(allocationBlind.find(bench().view)).toEqual([])
})

test('a peer without one of the metrics is a warning', () => {
  const { view, n1 } = bench()
  silence(n1, 'tag:tier')
  const found = allocationBlind.find(view)
  expect(found).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/hot/peer',
      summary: 'The Cluster peer of store hot on n1 does not announce tag:tier, so Cluster places no pins on it.',
    },
  ])
  expect(found[0]?.evidence).toContainEqual({
    what: 'allocate_by',
    value: 'freespace, tag:tier',
    source: 'service.json',
  })
})

test('a metric that has only just lapsed is not missing', () => {
  const { view, n1 } = bench()
  silence(n1, 'tag:tier', seconds(50))
  expect(allocationBlind.find(view)).toEqual([])
})

test('a metric that nobody has makes every pin fail', () => {
  const { view, n1, n2 } = bench()
  for (const host of [n1, n2]) silence(host, 'freespace')
  expect(allocationBlind.find(view)).toMatchObject([
    { severity: 'critical', endangers: 'No pin can be added to cluster main.' },
    { severity: 'critical' },
  ])
})

test('without settings, what another peer announces counts as needed', () => {
  const { view, n1, n2 } = bench()
  for (const { store } of [n1, n2]) Object.assign(store, { clusterSettings: null })
  silence(n1, 'tag:tier')
  expect(allocationBlind.find(view)).toMatchObject([{ severity: 'warning', subject: 'n1/hot/peer' }])
})

test('a peer whose Kubo is dead is left to KUBO_UNREACHABLE', () => {
  const { view, n1 } = bench()
  silence(n1, 'freespace')
  n1.store.kubo = { ...n1.store.kubo, trouble: trouble('unreachable') }
  expect(allocationBlind.find(view)).toEqual([])
})
