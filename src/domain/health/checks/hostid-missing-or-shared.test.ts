import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { hostidMissingOrShared } from './hostid-missing-or-shared.ts'

function found(first: string | null, second: string | null) {
  const { view, n1, n2 } = bench()
  for (const [host, id] of [
    [n1, first],
    [n2, second],
  ] as const) {
    if (host.machine.installed.last !== null) host.machine.installed.last.value.hostId = id
  }
  return { view, n1, n2, findings: hostidMissingOrShared.find(view) }
}

test('the same number on two hosts is found on both', () => {
  expect(found('9f2a1c07', '9f2a1c07').findings).toMatchObject([
    { severity: 'warning', subject: 'n1', summary: expect.stringContaining('same host ID as n2') },
    { severity: 'warning', subject: 'n2' },
  ])
})

test('none is an info on each host, and is not "the same"', () => {
  expect(found(null, null).findings).toMatchObject([{ severity: 'info' }, { severity: 'info' }])
})

test('numbers of their own are well', () => {
  expect(found('9f2a1c07', '00000001').findings).toEqual([])
})

test('a host without ZFS, or not looked at, is left out', () => {
  const { view, n1, n2 } = found('9f2a1c07', '9f2a1c07')
  n1.observation.zfs = null
  n2.machine.installed.last = null
  expect(hostidMissingOrShared.find(view)).toEqual([])
})
