import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { versionSkew } from './version-skew.ts'

test('equal versions say nothing', () => {
  expect(versionSkew.find(bench().view)).toEqual([])
})

test.each(['peer', 'kubo'] as const)('another version of a %s is a warning, with who runs which', (what) => {
  const { view, n1 } = bench()
  const { last } = n1.store[what]
  if (last !== null) last.value.version = '0.1.5'
  const found = versionSkew.find(view)
  expect(found).toMatchObject([{ severity: 'warning', subject: what === 'peer' ? 'main' : 'main/kubo' }])
  expect(found[0]?.evidence).toContainEqual(expect.objectContaining({ what: 'version on n1/hot', value: '0.1.5' }))
  n1.store[what].trouble = trouble('unreachable')
  expect(versionSkew.find(view)).toEqual([])
})

test('agents of another version are a warning', () => {
  const { view, n1 } = bench()
  n1.observation.tiercelVersion = '0.0.9'
  expect(versionSkew.find(view)).toMatchObject([{ severity: 'warning', subject: 'fleet' }])
})

test('another OpenZFS is told, and is nothing that has to be mended', () => {
  const { view, n1 } = bench()
  if (n1.zfs.version.last !== null) n1.zfs.version.last.value.userland = '2.1.11-1+deb12u1'
  expect(versionSkew.find(view)).toMatchObject([{ severity: 'info', subject: 'fleet/openzfs', endangers: '' }])
})
