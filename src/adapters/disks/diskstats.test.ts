import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { parseDiskstats, readDiskstats } from './diskstats.ts'

/** Of the form of a 6.1 kernel: flush and discard counters at the end. */
const recorded = `   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 254       0 vda 14511 4187 1030834 11220 90120 60211 5242880 88100 0 51220 99320 0 0 0 0 310 0
 254       1 vda1 14400 4187 1028000 11200 90120 60211 5242880 88100 0 51200 99300 0 0 0 0 0 0
 230       0 zd0 5 0 40 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 251       0 zram0 31 0 248 0 1 0 8 0 0 0 0 0 0 0 0 0 0
`

it('reads disks and partitions, and leaves out loops, RAM disks and volumes of ZFS', () => {
  const sample = parseDiskstats(recorded)
  expect(Object.keys(sample)).toEqual(['vda', 'vda1'])
  expect(sample['vda']).toEqual({
    reads: 14_511,
    writes: 90_120,
    readBytes: 1_030_834 * 512,
    writtenBytes: 5_242_880 * 512,
    readMs: 11_220,
    writeMs: 88_100,
    busyMs: 51_220,
  })
})

it('refuses a disk whose counters have another form', () => {
  expect(() => parseDiskstats(' 8 0 sda 1 2 3\n')).toThrow(UnexpectedOutput)
  expect(() => parseDiskstats(' 8 0 sda 1 2 3 4 5 6 7 8 9 x 11\n')).toThrow('sda')
})

it('reads, or refuses with its own error, whatever is there', () => {
  const line = fc.tuple(fc.constantFrom('sda', 'nvme0n1p1', 'zd0', ''), fc.array(fc.oneof(fc.nat(), fc.string())))
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.map(([name, cells]) => `8 0 ${name} ${cells.join(' ')}`).join('\n')
      const outcome = outcomeOf(() => parseDiskstats(text))
      expect(outcome instanceof Error && !(outcome instanceof UnexpectedOutput)).toBe(false)
    }),
  )
})

it.runIf(process.platform === 'linux')('reads this machine', () => {
  expect(() => readDiskstats()).not.toThrow()
})

function outcomeOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
