import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { probeNotPermitted } from './probe-not-permitted.ts'

test('a missing executor is a warning, with how to permit it', () => {
  const { view, n1 } = bench()
  n1.zfs.privileges.last = null
  n1.zfs.privileges.trouble = trouble('not-permitted', { hint: 'Run: systemctl start tiercel-executor.socket' })
  n1.zfs.poolStatus.trouble = trouble('not-permitted')
  expect(probeNotPermitted.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1',
      summary: 'Tiercel looks at host n1 without the rights to see everything.',
      remedy: 'Run: systemctl start tiercel-executor.socket',
    },
  ])
})

test('it is unknown where nothing is known because of it', () => {
  const { view, n1 } = bench()
  n1.store.peer = { ...n1.store.peer, last: null, trouble: trouble('not-permitted') }
  expect(probeNotPermitted.find(view)).toMatchObject([
    {
      severity: 'unknown',
      subject: 'n1/hot',
      summary: 'Tiercel may not look at store hot on n1, so this is not known: Cluster peer.',
    },
  ])
})

test('what is permitted is not found', () => expect(probeNotPermitted.find(bench().view)).toEqual([]))
