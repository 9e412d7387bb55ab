import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { probeStuck } from './probe-stuck.ts'

test('ZFS commands that hang are one finding on their host', () => {
  const { view, n1 } = bench()
  n1.zfs.poolStatus.trouble = trouble('stuck')
  n1.zfs.datasets.trouble = trouble('stuck')
  expect(probeStuck.find(view)).toMatchObject([
    {
      severity: 'unknown',
      subject: 'n1',
      summary: 'Commands that look at host n1 have been hanging for 12 min: pool status, datasets.',
    },
  ])
})

test('other troubles, and daemons, are not its business', () => {
  const { view, n1 } = bench()
  n1.zfs.poolStatus.trouble = trouble('failed')
  n1.store.kubo = { ...n1.store.kubo, trouble: trouble('stuck') }
  expect(probeStuck.find(view)).toEqual([])
})

test('a host that is merely slow is not told of pools and locks', () => {
  const { view, n1 } = bench()
  n1.machine.services.trouble = trouble('stuck')
  const [slow] = probeStuck.find(view)
  expect(slow?.summary).toContain('services')
  expect(slow?.remedy).toContain('See how busy n1 is')
  n1.zfs.pools.trouble = trouble('stuck')
  expect(probeStuck.find(view)[0]?.remedy).toContain('Start no more zpool commands')
})
