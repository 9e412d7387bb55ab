import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { disk, group } from '../../../../test/builders/pool-status.ts'
import { before, now } from '../../../../test/builders/readings.ts'
import type { Scan } from '../../pool-status.ts'
import { Bytes, hours, minutes, Share } from '../../units.ts'
import { resilverRunning } from './resilver-running.ts'

const resilver: Scan = {
  kind: 'resilver',
  state: 'in-progress',
  startedAt: before(now, hours(1)),
  share: Share.parse(0.25),
  issued: Bytes.parse(360_000 * 2 ** 20),
  total: Bytes.parse(1_440_000 * 2 ** 20),
  timeLeft: hours(4),
  errors: null,
}

test('a mirror that can lose nothing until it has ended is a warning, with rate and time left', () => {
  const { view, n1 } = bench()
  n1.status.scans = [resilver]
  n1.sdb.note = '(resilvering)'
  const [found, ...others] = resilverRunning.find(view)
  expect(others).toEqual([])
  expect(found).toMatchObject({
    severity: 'warning',
    subject: 'n1/hot-tier',
    summary: 'Pool hot-tier on n1 is resilvering: 25 % done, about 4 h left.',
  })
  expect(found?.endangers).toContain('One more failed disk in mirror-0')
  expect(found?.evidence).toContainEqual(expect.objectContaining({ what: 'resilver: mean rate', value: '100 MiB/s' }))
})

test('a disk that is replaced while it still works leaves the redundancy as it was: an info', () => {
  const { view, n1 } = bench()
  n1.status.scans = [resilver]
  n1.mirror.children = [n1.sda, group('replacing-1', 'replacing', [n1.sdb, disk('sdc', { note: '(resilvering)' })])]
  expect(resilverRunning.find(view)).toMatchObject([{ severity: 'info', endangers: '' }])
})

test('the time left follows from the share where ZFS does not say it', () => {
  const { view, n1 } = bench()
  n1.status.scans = [{ ...resilver, timeLeft: undefined }]
  expect(resilverRunning.find(view)[0]?.summary).toContain('about 3 h left')
  n1.status.scans = [{ kind: 'resilver', state: 'in-progress', errors: null }]
  expect(resilverRunning.find(view)[0]?.summary).toContain('it does not say how long it will take')
})

test('of several rebuilds the one that has done least counts', () => {
  const { view, n1 } = bench()
  const rebuild = { ...resilver, kind: 'rebuild' as const }
  n1.status.scans = [
    { ...rebuild, vdev: 'mirror-0', share: Share.parse(0.9), timeLeft: minutes(3) },
    { ...rebuild, vdev: 'mirror-1' },
  ]
  expect(resilverRunning.find(view)).toMatchObject([{ summary: expect.stringContaining('25 % done') as string }])
})

test('one that has ended, and a scrub, are none', () => {
  const { view, n1 } = bench()
  n1.status.scans = [{ ...resilver, state: 'finished' }]
  expect(resilverRunning.find(view)).toEqual([])
  n1.status.scans = [{ ...resilver, kind: 'scrub' }]
  expect(resilverRunning.find(view)).toEqual([])
})
