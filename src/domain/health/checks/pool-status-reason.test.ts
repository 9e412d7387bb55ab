import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { poolStatusReason } from './pool-status-reason.ts'

// The reasons of each release are tried as they are printed, in src/adapters/zfs/reported.test.ts.

test('a reason that nobody knows is a warning, with its own words and its page', () => {
  const { view, n1 } = bench()
  n1.status.statusText = 'Something new is the matter.'
  n1.status.action = 'Run zpool upgrade.'
  n1.status.messageId = 'ZFS-8000-ZZ'
  const [found, ...more] = poolStatusReason.find(view)
  expect(more).toEqual([])
  expect(found).toMatchObject({
    severity: 'warning',
    subject: 'n1/hot-tier',
    summary: 'Pool hot-tier on n1 says of itself: Something new is the matter.',
    remedy: expect.stringContaining('https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-ZZ') as string,
  })
  // The program recommends what cannot be undone, too.
  expect(found?.remedy).not.toContain('upgrade')
})

test('a pool that has stopped is told by other checks, and one that says nothing by none', () => {
  const { view, n1 } = bench()
  expect(poolStatusReason.find(view)).toEqual([])
  n1.status.statusText = 'Something new is the matter.'
  n1.status.state = 'SUSPENDED'
  expect(poolStatusReason.find(view)).toEqual([])
})
