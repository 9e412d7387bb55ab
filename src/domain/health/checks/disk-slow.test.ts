import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { activity } from '../../../../test/builders/machine.ts'
import { disk } from '../../../../test/builders/pool-status.ts'
import { now } from '../../../../test/builders/readings.ts'
import { milliseconds } from '../../units.ts'
import { diskSlow } from './disk-slow.ts'

/** The mirror of sda and sdb, and what both did over ten minutes: 30 operations a second of so many milliseconds. */
function found(sda: number, sdb: number, perSecond = 30) {
  const { view, n1 } = bench()
  const window = n1.machine.io.last?.value.window
  const of = (latency: number) =>
    activity({
      readsPerSecond: perSecond,
      writesPerSecond: 0,
      readLatency: milliseconds(latency),
      writeLatency: null,
    })
  if (window) window.devices = { sda: of(sda), sdb: of(sdb) }
  return { view, n1, findings: diskSlow.find(view) }
}

test('a disk far slower than its sibling is found', () => {
  expect(found(90, 5).findings).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/hot-tier/sda',
      summary:
        'Disk sda of pool hot-tier on n1 is slow: 90 ms for one operation, where the others of its vdev take 5 ms.',
    },
  ])
})

test.each([
  ['both are busy', 90, 60, 30],
  ['fast enough, whatever the other does', 19, 1, 30],
  ['nearly idle', 9000, 5, 0.1],
  ['alike', 5, 5, 30],
])('%s: nothing is found', (_, sda, sdb, perSecond) => {
  expect(found(sda, sdb, perSecond).findings).toEqual([])
})

test('disks of another kind are no measure', () => {
  const { view, n1 } = found(90, 5)
  const [sda] = n1.machine.disks.last?.value ?? []
  if (sda !== undefined) sda.rotational = true
  expect(diskSlow.find(view)).toEqual([])
})

test('a single disk is compared with none', () => {
  const { view, n1 } = found(90, 5)
  n1.status.vdevs.data = [disk('sda')]
  expect(diskSlow.find(view)).toEqual([])
})

test('before a minute has been seen, nothing is judged', () => {
  const { view, n1 } = found(90, 5)
  if (n1.machine.io.last !== null) n1.machine.io.last.value.window = null
  expect(diskSlow.find(view)).toEqual([])
})

test('operations that ZFS calls slow are told when they have come in the last day', () => {
  const { view, n1 } = found(5, 5)
  n1.sdb.slowIos = 3
  expect(diskSlow.find(view)).toEqual([])
  if (n1.zfs.errorHistory.last !== null) {
    n1.zfs.errorHistory.last.value.samples = [
      { at: now, counts: {} },
      { at: now, counts: { 'hot-tier/sdb': { errors: 0, slowIos: 3 } } },
    ]
  }
  expect(diskSlow.find(view)).toMatchObject([
    { subject: 'n1/hot-tier/sdb', summary: expect.stringContaining('3 operations of 30 seconds') },
  ])
})
