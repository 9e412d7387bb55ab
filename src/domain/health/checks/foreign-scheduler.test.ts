import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { Fleet } from '../../fleet.ts'
import type { Scheduler } from '../../machine.ts'
import { foreignScheduler } from './foreign-scheduler.ts'

const debian: Scheduler = { name: 'zfsutils-linux', place: '/etc/cron.d/zfsutils-linux', does: ['scrub', 'trim'] }
const sanoid: Scheduler = { name: 'sanoid', place: 'sanoid.timer', does: ['snapshot'] }

function found(schedulers: Scheduler[], accept: string[] = []) {
  const { view, n1 } = bench()
  if (n1.machine.installed.last !== null) n1.machine.installed.last.value.schedulers = schedulers
  const { checks } = Fleet.parse({
    apiVersion: 1,
    hosts: [{ name: 'n1', address: 'local' }],
    checks: { foreignScheduler: { accept } },
  })
  return foreignScheduler.find({ ...view, fleet: { ...view.fleet, checks } })
}

test('what Debian installs is an info', () => {
  expect(found([debian])).toMatchObject([
    {
      severity: 'info',
      subject: 'n1',
      endangers: '',
      summary: expect.stringContaining('zfsutils-linux (scrub, trim)'),
    },
  ])
})

test('one that keeps snapshots is a warning, and is named alone', () => {
  const [finding] = found([debian, sanoid])
  expect(finding).toMatchObject({ severity: 'warning', remedy: expect.stringContaining('sanoid') })
  expect(finding?.summary).not.toContain('zfsutils')
})

test('one that is accepted is an info', () => {
  expect(found([debian, sanoid], ['sanoid'])).toMatchObject([{ severity: 'info' }])
  expect(found([sanoid], ['zrepl'])).toMatchObject([{ severity: 'warning' }])
})

test('none is well', () => {
  expect(found([])).toEqual([])
})
