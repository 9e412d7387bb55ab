import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { knownBug } from './known-bug.ts'

test('versions without a known error, or without what sets it off, say nothing', () => {
  expect(knownBug.find(bench().view)).toEqual([])
})

test('an error of the module counts by the version that runs, not by the one that is installed', () => {
  const { view, n1 } = bench()
  const version = n1.zfs.version.last?.value
  Object.assign(version ?? {}, { userland: '2.1.14', module: '2.1.12' })
  expect(knownBug.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/dnode-dirty',
      summary: expect.stringContaining('OpenZFS 2.1.12 on n1 can give zeros instead of data'),
    },
  ])
  n1.zfs.version.trouble = trouble('failed')
  expect(knownBug.find(view)).toEqual([])
})

test('a package that may carry the fix is told, and is no alarm', () => {
  const { view, n1 } = bench()
  Object.assign(n1.zfs.version.last?.value ?? {}, { module: '2.1.5-1ubuntu6~22.04.5' })
  expect(knownBug.find(view)).toMatchObject([{ severity: 'info', subject: 'n1/dnode-dirty', endangers: '' }])
})

test('an error of Kubo is told of its store, with what sets it off', () => {
  const { view, n1 } = bench()
  Object.assign(n1.store.kuboProcess.last?.value ?? {}, { enableGc: true })
  const found = knownBug.find(view)
  expect(found).toMatchObject([{ severity: 'warning', subject: 'n1/hot/kubo/gc-shutdown' }])
  expect(found[0]?.evidence).toContainEqual(expect.objectContaining({ what: '--enable-gc', value: true }))
  expect(found[0]?.evidence).toContainEqual(
    expect.objectContaining({ what: 'described in', value: 'https://github.com/ipfs/kubo/issues/11424' }),
  )
})
