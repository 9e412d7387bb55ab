import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NotPermitted, ProgramMissing, UnexpectedOutput } from '../../domain/errors.ts'
import { smartProblems } from '../../domain/smart-problems.ts'
import { Share } from '../../domain/units.ts'
import { readSmart } from './smart-reports.ts'
import { parseSmart } from './smartctl.ts'

// No disk with SMART was at hand. The documents below are ours, cut to what is read, in the form that smartctl 7 prints;
// their values are those of real disks, as users of Scrutiny and of smartctl_exporter have published them.

const attribute = (id: number, name: string, raw: number | [number, string], failed = '', prefailure = true) => ({
  id,
  name,
  when_failed: failed,
  flags: { value: 51, prefailure },
  raw: typeof raw === 'number' ? { value: raw, string: String(raw) } : { value: raw[0], string: raw[1] },
})

/** A Hitachi HDS721050DLE630 after 65,592 hours, dying (smartctl 7.1, exit status 216). */
const failingAta = {
  smartctl: { version: [7, 1], exit_status: 216 },
  device: { name: '/dev/sdc', info_name: '/dev/sdc [USB JMicron]', type: 'usbjmicron', protocol: 'ATA' },
  model_name: 'Hitachi HDS721050DLE630',
  serial_number: 'MSK4',
  smart_status: { passed: false },
  ata_smart_attributes: {
    revision: 16,
    table: [
      attribute(3, 'Spin_Up_Time', [17_192_124_596, '180 (Average 187)']),
      attribute(5, 'Reallocated_Sector_Ct', 1975, 'now'),
      attribute(197, 'Current_Pending_Sector', 8),
      attribute(198, 'Offline_Uncorrectable', 0),
      attribute(199, 'UDMA_CRC_Error_Count', 0),
    ],
  },
  power_on_time: { hours: 65_592 },
  temperature: { current: 25 },
}

/** A Samsung SSD 970 EVO with media errors, which calls itself well (smartctl 7.0). */
const failingNvme = {
  smartctl: { version: [7, 0], exit_status: 0 },
  device: { name: '/dev/nvme0', type: 'nvme', protocol: 'NVMe' },
  model_name: 'Samsung SSD 970 EVO 500GB',
  serial_number: 'S466',
  smart_status: { passed: true, nvme: { value: 0 } },
  nvme_smart_health_information_log: {
    critical_warning: 0,
    temperature: 35,
    available_spare: 99,
    available_spare_threshold: 10,
    percentage_used: 3,
    media_errors: 7,
    num_err_log_entries: 62,
  },
  temperature: { current: 35 },
  power_on_time: { hours: 12_798 },
}

/** A SAS disk (HITACHI H109060SESUN600G, smartctl 7.3): well as published, and as it would be with errors. */
const sas = (defects: number, uncorrected: number) => ({
  smartctl: { version: [7, 3], exit_status: 0 },
  device: { name: '/dev/sdb', type: 'scsi', protocol: 'SCSI' },
  scsi_model_name: 'HITACHI H109060SESUN600G',
  serial_number: 'R',
  smart_status: { passed: true },
  smart_support: { available: true, enabled: true },
  scsi_grown_defect_list: defects,
  scsi_error_counter_log: {
    read: { total_errors_corrected: 40_247, gigabytes_processed: '162438.759', total_uncorrected_errors: uncorrected },
    verify: { total_errors_corrected: 87, total_uncorrected_errors: 0 },
    write: { total_errors_corrected: 26_762_907, total_uncorrected_errors: uncorrected },
  },
  temperature: { current: 26, drive_trip: 85 },
})

const limits = { reallocated: 50, wear: Share.parse(0.9) }
const read = (document: object) => parseSmart('sda', JSON.stringify(document))
const said = (document: object) => smartProblems(read(document), undefined, limits).map(({ text }) => text)

describe('parseSmart', () => {
  it('reads a failing ATA disk', () => {
    expect(read(failingAta)).toMatchObject({
      state: 'read',
      protocol: 'ata',
      model: 'Hitachi HDS721050DLE630',
      passed: false,
      temperature: 25,
      powerOnHours: 65_592,
      reallocated: 1975,
      reported: null,
      pending: 8,
      uncorrectable: 0,
      crc: 0,
      failingNow: ['Reallocated_Sector_Ct'],
      used: null,
      failedTest: '',
      nvme: null,
    })
    expect(said(failingAta)).toHaveLength(5)
  })

  it('reads the value that people mean, where a number packs several', () => {
    const packed = {
      ...failingAta,
      ata_smart_attributes: { table: [attribute(5, 'x', [53_416_508_262_463, '2111 (12437 0)'])] },
    }
    expect(read(packed).reallocated).toBe(2111)
  })

  it('reads an NVMe disk', () => {
    expect(read(failingNvme)).toMatchObject({
      protocol: 'nvme',
      nvme: { criticalWarning: 0, mediaErrors: 7, spare: 0.99, spareThreshold: 0.1, used: 0.03 },
    })
    expect(said(failingNvme)).toEqual(['7 errors of its medium'])
  })

  it('reads a SAS disk: defects and uncorrected errors', () => {
    expect(read(sas(0, 0))).toMatchObject({ protocol: 'scsi', reallocated: 0, reported: 0, pending: null })
    expect(said(sas(0, 0))).toEqual([])
    expect(said(sas(120, 0))).toEqual(['120 defects have grown'])
    expect(said(sas(0, 1))).toEqual(['2 errors were not corrected'])
  })

  it.each([
    // VMware and QEMU disks, and those behind a RAID controller.
    [{ smartctl: { exit_status: 4 }, device: { protocol: 'ATA' }, smart_support: { available: false } }, 'unsupported'],
    [{ smartctl: { exit_status: 0 }, device: { protocol: 'SCSI' }, temperature: { current: 0 } }, 'unsupported'],
    [
      {
        smartctl: {
          exit_status: 1,
          messages: [{ string: '/dev/vda: Unable to detect device type', severity: 'error' }],
        },
      },
      'unsupported',
    ],
    [
      { smartctl: { exit_status: 2, messages: [{ string: 'Smartctl open device: /dev/sda failed: No such device' }] } },
      'unreadable',
    ],
    [{ smartctl: { exit_status: 2, messages: [{ string: 'Device is in STANDBY mode, exit(2)' }] } }, 'standby'],
  ])('%j is %s', (document, state) => {
    expect(read(document)).toMatchObject({ state, passed: null })
    expect(said(document)).toEqual([])
  })

  it.each(['', 'smartctl 7.3', '[]', '{}', '{"smartctl":{"exit_status":"x"}}'])('refuses %s', (text) => {
    expect(() => parseSmart('sda', text)).toThrow(UnexpectedOutput)
  })

  it('reads, or refuses with its own error, whatever JSON is printed', () => {
    const part = fc.constantFrom('smart_status', 'temperature', 'ata_smart_attributes')
    fc.assert(
      fc.property(part, fc.jsonValue(), (key, value) => {
        const outcome = outcomeOf(() => read({ ...failingAta, [key]: value }))
        expect(outcome instanceof Error && !(outcome instanceof UnexpectedOutput)).toBe(false)
      }),
    )
  })
})

const runOn = (disk: string) => Promise.resolve(disk === 'sdb' ? 'rubbish' : JSON.stringify(failingNvme))
const without = () => Promise.reject(new ProgramMissing('no smartctl', 'apt install smartmontools'))
const refused = () => Promise.reject(new NotPermitted('root only', 'be root'))

describe('readSmart', () => {
  it('asks every disk, and says of one alone what is wrong with that one', async () => {
    const { missing, reports } = await readSmart(['sda', 'sdb', 'sdc'], runOn)
    expect(missing).toBeNull()
    expect(reports.map(({ disk, state }) => [disk, state])).toEqual([
      ['sda', 'read'],
      ['sdb', 'unreadable'],
      ['sdc', 'read'],
    ])
  })

  it('a missing program is no failure, missing rights are one', async () => {
    expect(await readSmart(['sda'], without)).toEqual({ missing: 'apt install smartmontools', reports: [] })
    await expect(readSmart(['sda'], refused)).rejects.toBeInstanceOf(NotPermitted)
  })
})

function outcomeOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
