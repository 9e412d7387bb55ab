import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { before, now } from '../../../../test/builders/readings.ts'
import { days, type Duration, hours } from '../../units.ts'
import { uncleanStop } from './unclean-stop.ts'

function found(ended: 'clean' | 'unclean' | 'unknown' | null, up: Duration) {
  const { view, n1 } = bench()
  const { boot, facts } = n1.machine
  if (boot.last !== null) {
    boot.last.value.previous = ended === null ? null : { id: 'a', ended, seenAt: before(now, up) }
  }
  if (facts.last !== null) facts.last.value.bootedAt = before(now, up)
  return uncleanStop.find(view)
}

test('a power cut is a warning for three days, then an info', () => {
  expect(found('unclean', hours(2))).toMatchObject([
    { severity: 'warning', subject: 'n1', summary: 'n1 went down without a clean stop, and came back 2 h ago.' },
  ])
  expect(found('unclean', days(3))).toMatchObject([{ severity: 'warning' }])
  expect(found('unclean', days(4))).toMatchObject([{ severity: 'info', endangers: '' }])
})

test.each(['clean', 'unknown', null] as const)('a boot that ended %s says nothing', (ended) => {
  expect(found(ended, hours(2))).toEqual([])
})
