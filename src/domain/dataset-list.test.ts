import { expect, test } from 'vitest'
import { dataset } from '../../test/builders/dataset.ts'
import { datasetKeeper, maxBelowStore, maxOthers } from './dataset-list.ts'

function listOf(names: Iterable<string>) {
  const keeper = datasetKeeper(['hot-tier/ipfs-cluster', 'cold-tier/a/ipfs'])
  for (const name of names) keeper.add(dataset(name))
  return keeper.list()
}

test('the datasets of stores, all above and below them, and others are kept while there are few', () => {
  const names = ['cold-tier', 'cold-tier/a', 'cold-tier/a/ipfs', 'cold-tier/ab', 'hot-tier/ipfs-cluster/kubo', 'rpool']
  expect(listOf(names)).toMatchObject({ kept: names.map((name) => ({ name })), total: 6, cutBelow: [] })
})

function* many() {
  for (let index = 0; index < 100_000; index += 1) yield `backup/host${index}`
  yield 'hot-tier'
  yield 'hot-tier/ipfs-cluster'
  for (let index = 0; index < 1000; index += 1) yield `hot-tier/ipfs-cluster/clone${index}`
  yield 'hot-tier/other'
}

test('of very many, those of stores and above them are kept, and how many there are', () => {
  const { kept, total, cutBelow } = listOf(many())
  expect(total).toBe(101_003)
  expect(kept).toHaveLength(maxOthers + 2 + maxBelowStore)
  expect(kept.map(({ name }) => name)).toEqual(expect.arrayContaining(['hot-tier', 'hot-tier/ipfs-cluster']))
  expect(cutBelow).toEqual(['hot-tier/ipfs-cluster'])
})
