import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { now } from '../../../../test/builders/readings.ts'
import { Fleet } from '../../fleet.ts'
import { Instant, milliseconds } from '../../units.ts'
import { clockSkew } from './clock-skew.ts'
import type { FleetView } from '../view.ts'

/** One host for each offset: answered this long after our question came, by its own clock; each answer took 200 ms. */
function found(...offsets: number[]) {
  const { n1, fleet, view } = bench()
  const [declaration] = fleet.hosts
  if (declaration === undefined) throw new Error('the bench has hosts')
  const hosts: FleetView['hosts'] = offsets.map((offset, index) => ({
    declaration: { ...declaration, name: `n${index + 1}` },
    contact: {
      state: 'answered',
      observation: { ...n1.observation, answeredAt: Instant.parse(now + offset) },
      receivedAt: now,
      took: milliseconds(200),
    },
  }))
  return clockSkew.find({
    ...view,
    fleet: Fleet.parse({ ...asFile, hosts: fleet.hosts.map(({ name }) => ({ name, address: 'local' })) }),
    hosts,
  })
}
const asFile = { apiVersion: 1, clusters: [{ name: 'main' }], tiers: [{ name: 'hot' }] }

test.each([
  [0, undefined],
  [-200, undefined],
  [1999, undefined],
  [2000, 'warning'],
  // 200 ms are the time of the answer, and no skew.
  [-2199, undefined],
  [-2200, 'warning'],
  [59_999, 'warning'],
  [60_000, 'critical'],
  [-60_200, 'critical'],
])('a host whose answer is of %d ms: %s', (offset, severity) => {
  expect(found(offset)[0]?.severity).toBe(severity)
})

test('it says by how much, and which way', () => {
  expect(found(-45_200, 0)).toMatchObject([{ subject: 'n1', summary: 'The clock of n1 is behind by at least 45 s.' }])
  expect(found(0, 45_000)).toMatchObject([{ subject: 'n2', summary: 'The clock of n2 is ahead by at least 45 s.' }])
})

test('most of three hosts off alike: it is our own clock', () => {
  expect(found(45_000, 45_100, 44_900, 0)).toMatchObject([
    {
      subject: 'this machine',
      place: { kind: 'fleet' },
      summary: expect.stringContaining('is behind by at least 45 s'),
    },
  ])
})

test('two hosts alike, or three each on its own, are told each', () => {
  expect(found(45_000, 45_000)).toHaveLength(2)
  expect(found(45_000, -90_000, 10_000)).toHaveLength(3)
})

test('a clock that shows no date does not break it', () => {
  expect(found(8.7e15 - now)).toMatchObject([{ severity: 'critical' }])
})
