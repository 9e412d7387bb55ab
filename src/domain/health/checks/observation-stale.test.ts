import { describe, expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { before, now, trouble } from '../../../../test/builders/readings.ts'
import { milliseconds, minutes, seconds } from '../../units.ts'
import { observationStale } from './observation-stale.ts'

/** Bench readings have a period of 30 s and a deadline of 20 s: too old after 90 s. */
const aged = <T>(value: T, age: number) => ({ value, at: before(now, milliseconds(age)), took: seconds(1) })

test.each([
  [89_000, []],
  [90_000, []],
  [90_001, ['n1']],
])('a look that is %d ms old', (age, subjects) => {
  const { view, n1 } = bench()
  n1.zfs.poolStatus.last = aged([n1.status], age)
  expect(observationStale.find(view).map(({ subject }) => subject)).toEqual(subjects)
})

test('it says what is too old, how old, and that it is unknown', () => {
  const { view, n1 } = bench()
  n1.zfs.poolStatus.last = aged([n1.status], minutes(20))
  expect(observationStale.find(view)).toMatchObject([
    { severity: 'unknown', subject: 'n1', summary: 'Of host n1, this is too old to rely on: pool status (20 min).' },
  ])
})

describe('a reading that has not looked yet', () => {
  test('is unknown from the first second', () => {
    const { view, n1 } = bench()
    n1.observation.startedAt = before(now, seconds(2))
    n1.zfs.datasets.last = null
    n1.store.kubo = { ...n1.store.kubo, last: null }
    expect(observationStale.find(view).map(({ subject, summary }) => [subject, summary])).toEqual([
      ['n1', 'Of host n1, this was not looked at since the agent started 2 s ago: datasets.'],
      ['n1/hot', 'Of store hot on n1, this was not looked at since the agent started 2 s ago: Kubo.'],
    ])
  })

  test('is given time when it is the ARC, which needs two samples', () => {
    const { view, n1 } = bench()
    n1.zfs.arc.last = null
    n1.observation.startedAt = before(now, seconds(2))
    expect(observationStale.find(view)).toEqual([])
    n1.observation.startedAt = before(now, minutes(5))
    expect(observationStale.find(view)).toHaveLength(1)
  })
})

describe('a trouble beside an old look', () => {
  test('has a finding of its own', () => {
    const { view, n1 } = bench()
    n1.zfs.poolStatus.last = aged([n1.status], minutes(20))
    n1.zfs.poolStatus.trouble = trouble('stuck')
    expect(observationStale.find(view)).toEqual([])
  })

  test('does not hide the age when only rights are missing', () => {
    const { view, n1 } = bench()
    n1.zfs.poolStatus.last = aged([n1.status], minutes(20))
    n1.zfs.poolStatus.trouble = trouble('not-permitted')
    expect(observationStale.find(view)).toHaveLength(1)
  })
})

test('rights that were lost long ago are PROBE_NOT_PERMITTED alone', () => {
  const { view, n1 } = bench()
  n1.zfs.privileges.last = aged({ by: 'executor' as const }, minutes(20))
  n1.zfs.privileges.trouble = trouble('not-permitted')
  expect(observationStale.find(view)).toEqual([])
})

test('a declared store that is not observed is found', () => {
  const { view, n1 } = bench()
  n1.observation.storeObservations = []
  expect(observationStale.find(view)).toMatchObject([{ severity: 'unknown', subject: 'n1/hot' }])
})

test('a store of which no file says where it is is found, and one of which only the pool is known is not', () => {
  const { view, fleet, n1 } = bench()
  Object.assign(n1.store, { peer: null, kubo: null })
  expect(observationStale.find(view)).toEqual([])
  for (const store of [...(fleet.hosts[0]?.stores ?? []), ...n1.observation.stores]) delete store.pool
  expect(observationStale.find(view)).toMatchObject([
    { severity: 'unknown', subject: 'n1/hot', summary: expect.stringContaining('Nothing of store hot on n1') },
  ])
})

test('clocks of two hosts are never compared: a host a day behind is not stale', () => {
  expect(observationStale.find(bench().view)).toEqual([])
})

test('time goes on after an answer: what was fresh then can be too old now', () => {
  const { view } = bench()
  const later = { ...view, at: before(now, milliseconds(0)) }
  const hosts = view.hosts.map((host) => ({
    ...host,
    contact:
      host.contact.state === 'answered' ? { ...host.contact, receivedAt: before(now, minutes(10)) } : host.contact,
  }))
  expect(observationStale.find({ ...later, hosts }).length).toBeGreaterThan(0)
})
