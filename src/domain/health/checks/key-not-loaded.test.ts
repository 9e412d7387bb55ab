import { expect, test } from 'vitest'
import { dataset } from '../../../../test/builders/dataset.ts'
import { bench } from '../../../../test/builders/fleet-view.ts'
import type { Dataset } from '../../dataset.ts'
import { keyNotLoaded } from './key-not-loaded.ts'

const name = 'hot-tier/ipfs-cluster'
const locked = { keyStatus: 'unavailable', encryptionRoot: name, mounted: false }

function found(...kept: Dataset[]) {
  const { view, n1 } = bench()
  if (n1.zfs.datasets.last !== null) n1.zfs.datasets.last.value.kept = kept
  return keyNotLoaded.find(view)
}

test('is told once for all datasets below one key', () => {
  expect(found(dataset(name, locked), dataset(`${name}/kubo`, locked))).toMatchObject([
    {
      severity: 'critical',
      subject: `n1/${name}`,
      summary: `The key of dataset ${name} of store hot on n1 is not loaded, and Kubo and IPFS Cluster are running.`,
      remedy: expect.stringContaining(`zfs load-key ${name}`) as string,
    },
  ])
})

test('each root is told', () => {
  const other = { ...locked, encryptionRoot: `${name}/cluster` }
  expect(found(dataset(name, locked), dataset(`${name}/cluster`, other))).toHaveLength(2)
})

test('a loaded key, no key, and a backup that is kept without its key are not found', () => {
  const loaded = { keyStatus: 'available', encryptionRoot: name }
  expect(found(dataset(name, loaded), dataset(`${name}/kubo`), dataset('hot-tier/backup', locked))).toEqual([])
})
