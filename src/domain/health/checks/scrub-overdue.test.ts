import { describe, expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { before, now } from '../../../../test/builders/readings.ts'
import type { Scan } from '../../pool-status.ts'
import { days, hours, Share } from '../../units.ts'
import { scrubOverdue } from './scrub-overdue.ts'

const finished: Scan = { kind: 'scrub', state: 'finished', endedAt: before(now, days(41)), extent: 'whole', errors: 0 }
const running: Scan = {
  kind: 'scrub',
  state: 'in-progress',
  startedAt: before(now, hours(3)),
  share: Share.parse(0.5),
  errors: null,
}
const resilver: Scan = { kind: 'resilver', state: 'finished', endedAt: before(now, days(2)), errors: 0 }

describe('what is told of a pool', () => {
  test.each<[string, Scan[], string, string]>([
    ['verified too long ago', [finished], 'warning', 'was last verified 41 days ago'],
    ['never verified', [], 'warning', 'has never been verified: it has no record of a scrub'],
    ['a resilver took the record', [resilver], 'warning', 'has no record of a scrub: a resilver came after it'],
    ['being resilvered', [{ ...running, kind: 'resilver' }], 'info', 'is being resilvered'],
    [
      'being rebuilt since nobody knows when',
      [{ ...running, kind: 'rebuild', startedAt: undefined }],
      'warning',
      'is being resilvered',
    ],
    ['being scrubbed', [running], 'info', 'is being scrubbed (begun 3 h ago)'],
    ['scrubbed for too long', [{ ...running, startedAt: before(now, days(40)) }], 'warning', 'is being scrubbed'],
    ['scrubbed since nobody knows when', [{ ...running, startedAt: undefined }], 'warning', 'at an unknown time'],
    ['paused', [{ ...running, state: 'paused' }], 'warning', 'its scrub is paused (begun 3 h ago)'],
    ['canceled', [{ ...finished, state: 'canceled' }], 'warning', 'its last scrub was canceled 41 days ago'],
    [
      'scrubbed in part',
      [{ ...finished, endedAt: before(now, days(2)), extent: 'part' }],
      'warning',
      'was not verified: its last scrub, ended 2 days ago, was one of a part of it',
    ],
    [
      'scrubbed, nobody knows how much of it',
      [{ ...finished, endedAt: before(now, days(2)), extent: undefined }],
      'warning',
      'is not known to be verified: whether its last scrub, ended 2 days ago, has read all of it is not told',
    ],
    [
      'finished, nobody knows when',
      [{ ...finished, endedAt: undefined }],
      'warning',
      'was last verified at an unknown time',
    ],
  ])('%s', (_, scans, severity, words) => {
    const { view, n1 } = bench()
    n1.status.scans = scans
    const found = scrubOverdue.find(view)
    expect(found.map((finding) => finding.severity)).toEqual([severity])
    expect(found[0]?.summary).toContain(words)
  })

  test.each<[string, Scan[]]>([
    ['just in time', [{ ...finished, endedAt: before(now, days(35)) }]],
    [
      'in time, and then rebuilt',
      [
        { ...finished, endedAt: before(now, days(3)) },
        { ...resilver, kind: 'rebuild' },
      ],
    ],
  ])('nothing, when it was verified %s', (_, scans) => {
    const { view, n1 } = bench()
    n1.status.scans = scans
    expect(scrubOverdue.find(view)).toEqual([])
  })
})

test('an OpenZFS that has no scrubs of a part has scrubbed all of it', () => {
  const { view, n1 } = bench()
  n1.status.scans = [{ ...finished, endedAt: before(now, days(2)), extent: undefined }]
  const version = n1.zfs.version.last?.value
  if (version !== undefined) version.features.json = false
  expect(scrubOverdue.find(view)).toEqual([])
})

test('a whole scrub counts although an error scrub stands in its place', () => {
  const { view, n1 } = bench()
  n1.status.scans = [{ ...finished, kind: 'error-scrub', extent: undefined, errors: null }]
  n1.status.olderScans = [{ ...finished, endedAt: before(now, days(2)) }]
  expect(scrubOverdue.find(view)).toEqual([])
  n1.status.olderScans = [{ ...finished, endedAt: before(now, days(2)), extent: 'part' }]
  expect(scrubOverdue.find(view)).toHaveLength(1)
})

test('the time is settable', () => {
  const { view } = bench()
  view.fleet.checks.scrubOverdue.after = days(7)
  expect(scrubOverdue.find(view)).toHaveLength(2)
})

describe('a scrub is not advised', () => {
  test('for a pool that is stopped: there the command hangs', () => {
    const { view, n1 } = bench()
    n1.status.scans = []
    n1.status.state = 'SUSPENDED'
    expect(scrubOverdue.find(view)[0]?.remedy).not.toContain('zpool scrub')
  })

  test('for a pool that is imported read-only', () => {
    const { view, n1 } = bench()
    n1.status.scans = []
    for (const pool of n1.zfs.pools.last?.value ?? []) pool.readonly = true
    expect(scrubOverdue.find(view)[0]?.remedy).not.toContain('zpool scrub')
  })

  test('but for others it is', () => {
    const { view, n1 } = bench()
    n1.status.scans = []
    expect(scrubOverdue.find(view)[0]?.remedy).toContain('zpool scrub')
  })
})
