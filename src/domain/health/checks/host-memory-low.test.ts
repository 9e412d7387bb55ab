import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { Bytes } from '../../units.ts'
import { hostMemoryLow } from './host-memory-low.ts'

/** A host of 100 GB with an ARC that keeps 1 GB at least. */
function found(available: number, arc: number | null) {
  const { view, n1 } = bench()
  const facts = n1.machine.facts.last?.value
  if (facts !== undefined) facts.memory = { total: Bytes.parse(100e9), available: Bytes.parse(available) }
  if (arc === null) n1.zfs.arc.last = null
  else if (n1.zfs.arc.last !== null) {
    Object.assign(n1.zfs.arc.last.value.after, { size: arc, minimum: 1e9 })
  }
  return hostMemoryLow.find(view).filter(({ subject }) => subject === 'n1')
}

test.each([
  [9.9e9, 1e9, 'warning'],
  [10e9, 1e9, undefined],
  [4.9e9, 1e9, 'critical'],
  // An ARC of 51 GB can give back 50: that is no trouble, whatever MemAvailable says.
  [1e9, 51e9, undefined],
  [1e9, 0.5e9, 'critical'],
  [1e9, null, undefined],
])('%d bytes available, ARC %s: %s', (available, arc, severity) => {
  expect(found(available, arc)[0]?.severity).toBe(severity)
})

test('a host without ZFS is judged by what is available', () => {
  const { view, n1 } = bench()
  n1.observation.zfs = null
  const facts = n1.machine.facts.last?.value
  if (facts !== undefined) facts.memory.available = Bytes.parse(1e9)
  expect(hostMemoryLow.find(view)).toMatchObject([
    { severity: 'critical', summary: 'n1 has 954 MiB of memory left for programs, 1.5 % of 59.6 GiB.' },
  ])
})
