import { expect, test } from 'vitest'
import { runRecord } from '../../test/builders/practice-run.ts'
import { now } from '../../test/builders/readings.ts'
import { Fleet } from '../domain/fleet.ts'
import type { Freeze } from '../domain/ports/freeze.ts'
import type { RunClass } from '../domain/run.ts'
import { Instant } from '../domain/units.ts'
import { createGate } from './gates.ts'

const asFile = {
  apiVersion: 1,
  hosts: [{ name: 'n1', address: 'local' }],
  // `now` is 08:00 UTC.
  windows: [
    { name: 'night', from: '22:00', to: '06:00' },
    { name: 'day', from: '06:00', to: '22:00' },
  ],
  procedures: { scrub: { window: 'night' } },
}
const fleet = Fleet.parse(asFile)

const gate = (
  back: string | null,
  frozen: Freeze | undefined,
  settings: Pick<Fleet, 'windows' | 'procedures'> = fleet,
) =>
  createGate({
    standing: { standsBack: () => back },
    freeze: { read: async () => frozen, set: async () => undefined },
    fleet: settings,
    clock: { now: () => now, after: () => () => undefined },
  })

const run = (procedure: string, runClass: RunClass) => runRecord({ procedure, class: runClass })
const freeze = (until: number | null): Freeze => ({
  by: 'olga',
  reason: 'moving',
  at: now,
  until: until === null ? null : Instant.parse(now + until),
})

test('a freeze holds back what starts, but no emergency and nothing that runs', async () => {
  const frozen = gate(null, freeze(60_000))
  for (const runClass of ['background', 'change'] as const) {
    expect(await frozen(run('practice', runClass), { starting: true })).toEqual({
      open: false,
      reason: 'frozen by olga: moving; to end that: tiercel unfreeze',
      until: now + 60_000,
    })
    expect(await frozen(run('practice', runClass), { starting: false })).toEqual({ open: true })
  }
  expect(await frozen(run('practice', 'emergency'), { starting: true })).toEqual({ open: true })
})

test('a freeze whose time is over is none, and one without an end stays', async () => {
  expect(await gate(null, freeze(-1))(run('practice', 'change'), { starting: true })).toEqual({ open: true })
  expect(await gate(null, freeze(null))(run('practice', 'change'), { starting: true })).toMatchObject({ open: false })
})

test('outside its window, background work waits, also the parts of it; until when is known', async () => {
  for (const procedure of ['scrub', 'scrub-pool']) {
    expect(await gate(null, undefined)(run(procedure, 'background'), { starting: false })).toEqual({
      open: false,
      reason: 'outside the window night',
      until: now + 14 * 3_600_000,
    })
  }
  expect(await gate(null, undefined)(run('practice', 'change'), { starting: true })).toEqual({ open: true })
  const byDay = Fleet.parse({ ...asFile, procedures: { scrub: { window: 'day' } } })
  expect(await gate(null, undefined, byDay)(run('scrub', 'background'), { starting: true })).toEqual({ open: true })
})

test('a controller that stands back lets nothing work, emergencies neither', async () => {
  const closed = gate('n1 obeys c2', undefined)
  for (const runClass of ['background', 'change', 'emergency'] as const) {
    expect(await closed(run('practice', runClass), { starting: false })).toMatchObject({ open: false })
  }
})
