import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { Bytes, Share } from '../../units.ts'
import { storageMaxMisleading } from './storage-max-misleading.ts'

/** The dataset of the bench has 400 GB in use and 600 GB available. */
const kubo = ({ store }: BenchHost, { max, size }: { max: number | null; size: number }) => {
  const { last } = store.kubo
  if (last === null) return
  Object.assign(last.value, { storageMax: max === null ? null : Bytes.parse(max), repoSize: Bytes.parse(size) })
}

test('a ceiling that the dataset can hold says nothing', () => {
  const { view, n1 } = bench()
  kubo(n1, { max: 1e12, size: 3.9e11 })
  expect(storageMaxMisleading.find(view)).toEqual([])
  kubo(n1, { max: 1.04e12, size: 3.9e11 })
  expect(storageMaxMisleading.find(view)).toEqual([])
})

test('a ceiling above what the dataset can hold is too high', () => {
  const { view, n1 } = bench()
  kubo(n1, { max: 4e12, size: 3.9e11 })
  expect(storageMaxMisleading.find(view)).toMatchObject([
    { severity: 'warning', subject: 'n1/hot/kubo', summary: expect.stringContaining('its dataset can hold 931 GiB') },
  ])
  kubo(n1, { max: null, size: 3.9e11 })
  expect(storageMaxMisleading.find(view)).toMatchObject([{ summary: expect.stringContaining('has no StorageMax') }])
})

test('what compression saves counts as room', () => {
  const { view, n1 } = bench()
  kubo(n1, { max: 1.5e12, size: 9e11 })
  expect(storageMaxMisleading.find(view)).toEqual([])
})

test('the default of 10 GB on a large dataset is too low', () => {
  const { view, n1 } = bench()
  kubo(n1, { max: 1e10, size: 1e9 })
  expect(storageMaxMisleading.find(view)).toMatchObject([
    { summary: expect.stringContaining('Cluster soon gives it no more pins') },
  ])
  kubo(n1, { max: 1e10, size: 2e10 })
  expect(storageMaxMisleading.find(view)).toMatchObject([
    { summary: expect.stringContaining('Cluster gives it no more pins') },
  ])
  view.fleet.checks.storageMax.below = Share.parse(0)
  expect(storageMaxMisleading.find(view)).toEqual([])
})

test('nothing is said where the dataset or the Kubo is not known', () => {
  const { view, n1 } = bench()
  kubo(n1, { max: 4e12, size: 3.9e11 })
  n1.zfs.datasets.trouble = trouble('stuck')
  expect(storageMaxMisleading.find(view)).toEqual([])
  n1.zfs.datasets.trouble = null
  n1.store.kubo = { ...n1.store.kubo, trouble: trouble('unreachable') }
  expect(storageMaxMisleading.find(view)).toEqual([])
})
