import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { isReadOrRefused } from '../../../test/builders/refused.ts'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { Instant } from '../../domain/units.ts'
import { parseKernelRecords } from './kernel-records.ts'

const startedAt = Instant.parse(1_795_473_000_000)

/** Linux 6.18, as read. */
const recorded = `6,339,1321147,-;EXT4-fs (vda): mounted filesystem r/w without journal. Quota mode: none.
46,346,4009620528,-;systemd-journald[1435]: Vacuuming done, freed 0B of archived journals.
`

test('reads number, time, level and text', () => {
  expect(parseKernelRecords(recorded, startedAt)).toEqual([
    {
      sequence: 339,
      at: startedAt + 1321,
      level: 'info',
      text: 'EXT4-fs (vda): mounted filesystem r/w without journal. Quota mode: none.',
    },
    {
      sequence: 346,
      at: startedAt + 4_009_620,
      level: 'info',
      text: 'systemd-journald[1435]: Vacuuming done, freed 0B of archived journals.',
    },
  ])
})

test('reads escaped bytes, and leaves the device of a record out', () => {
  const text = '3,7,1000000,-,caller=T1;I/O error\\x0adev sdb \\xe2\\x82\\xac\n SUBSYSTEM=block\n DEVICE=b8:16\n'
  expect(parseKernelRecords(text, startedAt)).toEqual([
    { sequence: 7, at: startedAt + 1000, level: 'error', text: 'I/O error\ndev sdb €' },
  ])
})

test('refuses what it does not know, whatever it is', () => {
  expect(() => parseKernelRecords('dmesg: read kernel buffer failed\n', startedAt)).toThrow(UnexpectedOutput)
  assert(
    property(string(), (text) => {
      expect(isReadOrRefused(() => parseKernelRecords(text, startedAt))).toBe(true)
    }),
  )
})
