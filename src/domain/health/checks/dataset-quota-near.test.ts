import { expect, test } from 'vitest'
import { dataset } from '../../../../test/builders/dataset.ts'
import { bench } from '../../../../test/builders/fleet-view.ts'
import type { Dataset } from '../../dataset.ts'
import { datasetQuotaNear } from './dataset-quota-near.ts'

function found(...kept: Dataset[]) {
  const { view, n1 } = bench()
  if (n1.zfs.datasets.last !== null) n1.zfs.datasets.last.value.kept = kept
  return datasetQuotaNear.find(view)
}

const name = 'hot-tier/ipfs-cluster'

test.each([
  ['quota', { used: 79, quota: 100 }, undefined],
  ['quota', { used: 80, quota: 100 }, 'warning'],
  ['quota', { used: 90, quota: 100 }, 'critical'],
  ['refquota', { used: 99, referenced: 85, refquota: 100 }, 'warning'],
  ['refquota', { used: 85, quota: 100, referenced: 95, refquota: 100 }, 'critical'],
])('%s: %o is %s', (limit, row, severity) => {
  const findings = found(dataset(name, { referenced: 0, ...row }))
  expect(findings.map((finding) => finding.severity)).toEqual(severity === undefined ? [] : [severity])
  for (const { summary } of findings) expect(summary).toContain(`of its ${limit} of 100 B`)
})

test('those above and below count too, those beside do not', () => {
  const near = { used: 95, quota: 100 }
  const findings = found(
    dataset('hot-tier', near),
    dataset(name),
    dataset(`${name}/kubo/blocks`, near),
    dataset('hot-tier/guests', near),
  )
  expect(findings.map(({ subject }) => subject)).toEqual(['n1/hot-tier', `n1/${name}/kubo/blocks`])
})

test('a quota that is not set is none, and a host that did not list says nothing', () => {
  expect(found(dataset(name, { used: 99, available: 1 }))).toEqual([])
  const { view, n1 } = bench()
  n1.zfs.datasets.last = null
  expect(datasetQuotaNear.find(view)).toEqual([])
})
