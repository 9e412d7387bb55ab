import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { smartProblems } from '../../domain/smart-problems.ts'
import { Share } from '../../domain/units.ts'
import { parseSmart } from './smartctl.ts'

const reported = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../../test/fixtures/reported/smart-${name}.json`), 'utf8')
const limits = { reallocated: 50, wear: Share.parse(0.9) }
const said = (text: string, first?: { reallocated: number | null; crc: number | null }) =>
  smartProblems(parseSmart('sda', text), first, limits).map(({ severity, text: words }) => `${severity}: ${words}`)
const withTable = (...table: { id: number; name: string; value?: number; raw: number }[]) =>
  JSON.stringify({
    smartctl: { exit_status: 0 },
    smart_status: { passed: true },
    ata_smart_attributes: { table: table.map((one) => ({ ...one, raw: { value: one.raw, string: String(one.raw) } })) },
  })

describe('attributes count by their names', () => {
  test('numbers that mean something else are no problem, nor do they grow', () => {
    expect(said(reported('indilinx-198-199'), { reallocated: 0, crc: 1 })).toEqual([])
  })

  test.each([
    [187, 'Unknown_JMF_Attribute'],
    [197, 'Not_In_Use'],
    [197, 'Total_Unc_Read_Failures'],
    [198, 'Host_Reads_GiB'],
    [198, 'Unknown_Attribute'],
  ])('%i as %s is not counted', (id, name) => expect(said(withTable({ id, name, raw: 9 }))).toEqual([]))

  test.each([
    [187, 'Uncorrectable_Error_Cnt'],
    [187, 'Reported_UE_Counts'],
    [197, 'Total_Pending_Sectors'],
    [197, 'Current_Pending_ECC_Cnt'],
    [198, 'Offline_Scan_UNC_SectCt'],
    [198, 'Offline_UErr_Media_Scan'],
    [5, 'Reallocate_NAND_Blk_Cnt'],
  ])('%i as %s is', (id, name) => expect(said(withTable({ id, name, raw: 99 }))).toHaveLength(1))

  test.each(['CRC_Error_Count', 'SATA_CRC_Error', 'SATA_FIS_CRC_Errors', 'UDMA_CRC_Error_Count'])(
    '199 as %s is',
    (name) => expect(said(withTable({ id: 199, name, raw: 9 }), { reallocated: 0, crc: 1 })).toHaveLength(1),
  )
})

const sas = (used: number) =>
  JSON.stringify({
    smartctl: { exit_status: 0 },
    device: { protocol: 'SCSI' },
    smart_status: { passed: true },
    scsi_percentage_used_endurance_indicator: used,
  })

describe('wear', () => {
  test.each(['worn-sata-ssd', 'worn-sata-ssd-7.5'])('%s is told', (name) => {
    expect(said(reported(name))).toEqual([
      expect.stringMatching(/^warning: (?:99|100) % of its promised life is used$/),
    ])
  })

  test('of SAS is told, and less than the limit is not', () => {
    expect(said(sas(93))).toHaveLength(1)
    expect(said(sas(12))).toEqual([])
  })

  test.each(['Percent_Lifetime_Remain', 'Remaining_Lifetime_Perc', 'Media_Wearout_Indicator', 'Wear_Leveling_Count'])(
    'by %s',
    (name) => {
      expect(said(withTable({ id: 202, name, value: 3, raw: 97 }))).toHaveLength(1)
      expect(said(withTable({ id: 202, name, value: 93, raw: 7 }))).toEqual([])
    },
  )
})

test('a self-test that failed is told with its words; bit 7 alone tells it too', () => {
  expect(said(reported('self-test-failed'))).toEqual([
    'warning: a self-test of it has failed: Extended offline, Completed: read failure at 28901 hours',
  ])
  const bare = { smartctl: { exit_status: 128 }, smart_status: { passed: true } }
  expect(said(JSON.stringify(bare))).toEqual(['warning: a self-test of it has failed'])
  expect(said(JSON.stringify({ ...bare, smartctl: { exit_status: 64 } }))).toEqual([])
})

const asleep = (mode: string) =>
  JSON.stringify({
    smartctl: {
      exit_status: 2,
      messages: [{ string: `Device is in ${mode} mode, exit(2)`, severity: 'information' }],
    },
  })

test('a bridge that smartctl does not know is unsupported, and whatever low-power mode is standby', () => {
  expect(parseSmart('sdx', reported('unknown-usb-bridge'))).toMatchObject({ state: 'unsupported' })
  for (const mode of ['LOW POWER', 'STANDBY', 'STANDBY_Y', 'SLEEP', 'ACTIVE or IDLE_A']) {
    expect(parseSmart('sda', asleep(mode)).state).toBe('standby')
  }
})
