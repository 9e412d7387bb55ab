import { describe, expect, test } from 'vitest'
import { dataset } from '../../../../test/builders/dataset.ts'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import type { Dataset } from '../../dataset.ts'
import { datasetNotMounted } from './dataset-not-mounted.ts'

const name = 'hot-tier/ipfs-cluster'

function found(kept: Dataset[], change: (n1: BenchHost) => void = () => undefined) {
  const { view, n1 } = bench()
  if (n1.zfs.datasets.last !== null) n1.zfs.datasets.last.value.kept = kept
  change(n1)
  return datasetNotMounted.find(view)
}

function stop({ store }: BenchHost): void {
  store.kubo = null as never
  store.peer = null as never
}

test('critical while a daemon answers, since it writes into the folder underneath', () => {
  expect(found([dataset(name), dataset(`${name}/kubo/blocks`, { mounted: false })])).toMatchObject([
    {
      severity: 'critical',
      subject: `n1/${name}`,
      count: 1,
      summary: `${name}/kubo/blocks of store hot on n1 is not mounted, and Kubo and IPFS Cluster are running.`,
    },
  ])
})

test('a warning while none answers', () => {
  expect(found([dataset(name, { mounted: false })], stop)).toMatchObject([
    { severity: 'warning', summary: `${name} of store hot on n1 is not mounted.` },
  ])
})

test('what is mounted by hand only is a warning: it is away after the next start', () => {
  expect(found([dataset(name, { canmount: 'noauto' })])).toMatchObject([
    { severity: 'warning', remedy: expect.stringContaining(`zfs set canmount=on ${name}`) as string },
  ])
})

describe('what is meant so is not found', () => {
  test.each<[string, Dataset[]]>([
    ['all mounted', [dataset(name), dataset(`${name}/kubo`)]],
    ['a parent that only holds others', [dataset(name, { mounted: false, canmount: 'off' }), dataset(`${name}/kubo`)]],
    [
      'a parent without a mount point',
      [dataset(name, { mounted: false, mountpoint: 'none' }), dataset(`${name}/kubo`)],
    ],
    [
      'an empty dataset',
      [dataset(name), dataset(`${name}/x`, { mounted: false, canmount: 'off', referenced: 98_304 })],
    ],
    ['mounted by fstab', [dataset(name, { mountpoint: 'legacy' })]],
    ['a volume', [dataset(name), dataset(`${name}/v`, { type: 'volume', mounted: null, canmount: null })]],
    ['a dataset of nobody', [dataset(name), dataset('hot-tier/old', { mounted: false })]],
    ['a dataset whose key is not loaded', [dataset(name, { mounted: false, keyStatus: 'unavailable' })]],
  ])('%s', (_, kept) => expect(found(kept)).toEqual([]))
})

test.each<[string, Partial<Dataset>]>([
  ['data without a mount point', { mountpoint: 'none' }],
  ['data with canmount=off', { canmount: 'off' }],
  ['a legacy mount that is away', { mountpoint: 'legacy' }],
])('%s is found', (_, row) => {
  expect(found([dataset(name, { mounted: false, ...row })])).toMatchObject([{ severity: 'critical' }])
})

test('datasets that were not looked at are unknown', () => {
  const cut = (n1: BenchHost) => n1.zfs.datasets.last?.value.cutBelow.push(name)
  expect(found([dataset(name)], cut)).toMatchObject([{ severity: 'unknown' }])
})
