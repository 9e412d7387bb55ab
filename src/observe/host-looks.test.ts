import { expect, test } from 'vitest'
import { Stuck } from '../domain/errors.ts'
import type { Storage } from '../domain/ports/storage.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { minutes } from '../domain/units.ts'
import { hostLooks } from './host-looks.ts'
import { manualClock } from './testing.ts'

const refuse = () => Promise.reject(new Error('not asked here'))

/** A storage whose looks at snapshots end when the test says so. */
function slowSnapshots() {
  const begun: (PromiseWithResolvers<Snapshot[]> & { dataset: string })[] = []
  const storage: Storage = {
    version: refuse,
    poolStatus: refuse,
    pools: refuse,
    datasets: refuse,
    snapshots(dataset) {
      const look = { ...Promise.withResolvers<Snapshot[]>(), dataset }
      begun.push(look)
      return look.promise
    },
    holds: refuse,
    poolStates: refuse,
    arc: refuse,
  }
  const clock = manualClock()
  const look = hostLooks({ name: 'n1', storage }, { observer: { zfs: undefined }, marks: async () => [], clock })
  return { look, begun, clock }
}

test('one question is asked once for all who ask it; another one is asked beside it', async () => {
  const { look, begun, clock } = slowSnapshots()
  const both = [look('snapshots', { dataset: 'p/a' }), look('snapshots', { dataset: 'p/a' })]
  const other = look('snapshots', { dataset: 'p/b' })
  await clock.advance(0)
  expect(begun.map(({ dataset }) => dataset)).toEqual(['p/a', 'p/b'])
  for (const { resolve } of begun) resolve([])
  expect(await Promise.all([...both, other])).toEqual([[], [], []])
})

test('a question whose look hangs is not asked again beside it, however often it comes', async () => {
  const { look, begun, clock } = slowSnapshots()
  for (let tries = 0; tries < 3; tries += 1) {
    const asked = look('snapshots', { dataset: 'p/a' }).catch((error: unknown) => error)
    await clock.advance(minutes(3))
    expect(await asked).toBeInstanceOf(Stuck)
  }
  expect(begun).toHaveLength(1)
})

test('looks that all hang are bounded, and those that ended leave room', async () => {
  const { look, begun, clock } = slowSnapshots()
  const asked = Array.from({ length: 40 }, async (_, index) => look('snapshots', { dataset: `p/d${index}` }))
  const ends = Promise.allSettled(asked)
  await clock.advance(minutes(3))
  expect(begun).toHaveLength(32)
  const reasons = (await ends).map((end) => (end.status === 'rejected' ? String(end.reason) : 'seen'))
  expect(reasons.filter((reason) => reason.includes('have not ended'))).toHaveLength(8)
  for (const { resolve } of begun) resolve([])
  await clock.advance(0)
  const again = look('snapshots', { dataset: 'p/d39' })
  await clock.advance(0)
  begun.at(-1)?.resolve([])
  expect(await again).toEqual([])
})

test('whoever gives up is let go; the others have their answer', async () => {
  const { look, begun, clock } = slowSnapshots()
  const calledOff = new AbortController()
  const impatient = look('snapshots', { dataset: 'p/a' }, calledOff.signal)
  const patient = look('snapshots', { dataset: 'p/a' })
  await clock.advance(0)
  calledOff.abort(new Error('called off'))
  await expect(impatient).rejects.toThrow('called off')
  begun[0]?.resolve([])
  expect(await patient).toEqual([])
})

test('a host without ZFS says so, and shows its marks', async () => {
  const marks = [{ mark: 'here', operation: 'an id' }]
  const look = hostLooks(
    { name: 'n1', storage: undefined },
    { observer: { zfs: undefined }, marks: async () => marks, clock: manualClock() },
  )
  const why = 'no store of n1 is on ZFS'
  await expect(look('pools', {})).rejects.toThrow(why)
  await expect(look('snapshots', { dataset: 'p/a' })).rejects.toThrow(why)
  expect(await look('practice-marks', {})).toEqual(marks)
})

test('what is no question to a look is refused, and nothing is asked', async () => {
  const { look, begun, clock } = slowSnapshots()
  const asked = look('snapshots', { dataset: '-r' }).catch((error: unknown) => error)
  await clock.advance(0)
  expect(String(await asked)).toContain('a dataset is named pool/path')
  expect(begun).toHaveLength(0)
})
