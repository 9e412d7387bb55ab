import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { zedNotRunning } from './zed-not-running.ts'

function found(zed: boolean | null, load = 'loaded') {
  const { view, n1 } = bench()
  const services = n1.machine.services.last?.value
  if (services !== undefined) services.zed = zed
  for (const unit of services?.units ?? []) unit.load = load
  return { view, n1, findings: zedNotRunning.find(view) }
}

test('a host without ZED is found', () => {
  expect(found(false).findings).toMatchObject([
    { severity: 'warning', subject: 'n1', remedy: expect.stringContaining('enable --now') },
  ])
  expect(found(false, 'not-found').findings[0]?.remedy).toContain('apt install zfs-zed')
})

test('what cannot be seen is unknown', () => {
  expect(found(null).findings).toMatchObject([{ severity: 'unknown' }])
})

test('a host without any pool needs no ZED', () => {
  const { view, n1 } = found(false)
  if (n1.zfs.poolStates.last !== null) n1.zfs.poolStates.last.value = {}
  expect(zedNotRunning.find(view)).toHaveLength(1)
  n1.observation.stores = []
  const declaration = view.hosts[0]?.declaration
  if (declaration !== undefined) declaration.stores = []
  expect(zedNotRunning.find(view)).toEqual([])
})

test('a ZED that runs, and a host without ZFS, are well', () => {
  expect(found(true).findings).toEqual([])
  const { view, n1 } = found(false)
  n1.observation.zfs = null
  expect(zedNotRunning.find(view)).toEqual([])
})
