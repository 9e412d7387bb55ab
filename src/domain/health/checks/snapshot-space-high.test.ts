import { expect, test } from 'vitest'
import { dataset } from '../../../../test/builders/dataset.ts'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { Share } from '../../units.ts'
import { snapshotSpaceHigh } from './snapshot-space-high.ts'

const name = 'hot-tier/ipfs-cluster/kubo/blocks'

function found(row: Record<string, number>, warning?: number) {
  const { view, n1 } = bench()
  if (warning !== undefined) view.fleet.checks.snapshotSpace.warning = Share.parse(warning)
  n1.zfs.datasets.last?.value.kept.push(dataset(name, row), dataset('hot-tier/guests', row))
  return snapshotSpaceHigh.find(view)
}

test('a third of what a dataset uses is much', () => {
  expect(found({ used: 600e9, usedBySnapshots: 200e9, available: 400e9 })).toMatchObject([
    {
      severity: 'warning',
      subject: `n1/${name}`,
      summary: `Snapshots alone hold 186 GiB of dataset ${name} on n1: 33.3 % of what it uses.`,
    },
  ])
})

test('a quarter is not, unless the setting says so', () => {
  const row = { used: 600e9, usedBySnapshots: 150e9, available: 400e9 }
  expect(found(row)).toEqual([])
  expect(found(row, 0.2)).toHaveLength(1)
})

test('most of very little is not', () => {
  expect(found({ used: 1e9, usedBySnapshots: 9e8, available: 400e9 })).toEqual([])
})
