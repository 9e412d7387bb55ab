import { describe, expect, test } from 'vitest'
import { bench } from '../../../test/builders/fleet-view.ts'
import { now } from '../../../test/builders/readings.ts'
import { diskFaulted } from '../../domain/health/checks/disk-faulted.ts'
import { diskRemoved } from '../../domain/health/checks/disk-removed.ts'
import { poolDegraded } from '../../domain/health/checks/pool-degraded.ts'
import { poolStatusReason } from '../../domain/health/checks/pool-status-reason.ts'
import { redundancyLow } from '../../domain/health/checks/redundancy-low.ts'
import { resilverRunning } from '../../domain/health/checks/resilver-running.ts'
import { spareUnusable } from '../../domain/health/checks/spare-unusable.ts'
import { margins } from '../../domain/health/redundancy.ts'
import type { FleetView } from '../../domain/health/view.ts'
import { Bytes, Instant, seconds } from '../../domain/units.ts'
import { parsePoolStatusText } from './pool-status.ts'
import { reported } from './testing.ts'

/** A fleet whose host n1 prints this, and nothing else. */
function seeing(text: string): ReturnType<typeof bench> {
  const made = bench()
  const [status] = parsePoolStatusText(text)
  if (status === undefined || made.n1.zfs.poolStatus.last === null) throw new Error('no pool')
  made.n1.zfs.poolStatus.last.value = [status]
  made.n1.zfs.poolStates.last = null
  made.n1.zfs.pools.last = null
  return made
}

const onN1 = (view: FleetView, check: typeof redundancyLow) =>
  check.find(view).filter(({ subject }) => subject.startsWith('n1/'))

const row = (name: string, depth: number) => `\t${'  '.repeat(depth)}${name}  ONLINE  0  0  0\n`

describe('data vdevs of unlike redundancy', () => {
  const pool = (rows: string) =>
    `  pool: tank\n state: ONLINE\nconfig:\n\n\tNAME  STATE  READ WRITE CKSUM\n${row('tank', 0)}${rows}\nerrors: No known data errors\n`
  const mirror = (name: string, disks: string[]) => row(name, 1) + disks.map((disk) => row(disk, 2)).join('')

  test('a disk beside a raidz2 is a warning', () => {
    const { view } = seeing(reported('raidz2-and-a-single-disk.txt'))
    expect(onN1(view, redundancyLow)).toMatchObject([
      { severity: 'warning', subject: 'n1/tank/ata-EXAMPLE_G', remedy: expect.stringContaining('zpool attach tank') },
      { severity: 'info', subject: 'n1/tank' },
    ])
  })

  test.each([
    ['a disk beside a mirror', mirror('mirror-0', ['a', 'b']) + row('c', 1), 'c'],
    ['two sides beside three', mirror('mirror-0', ['a', 'b', 'c']) + mirror('mirror-1', ['d', 'e']), 'mirror-1'],
    [
      'raidz1 beside raidz3',
      mirror('raidz1-0', ['a', 'b', 'c']) + mirror('raidz3-1', ['d', 'e', 'f', 'g', 'h']),
      'raidz1-0',
    ],
  ])('%s', (_what, rows, weak) => {
    const { view } = seeing(pool(rows))
    expect(onN1(view, redundancyLow).filter(({ severity }) => severity === 'warning')).toMatchObject([
      { subject: `n1/tank/${weak}` },
    ])
  })

  test('vdevs that are alike are none', () => {
    const { view } = seeing(pool(mirror('mirror-0', ['a', 'b']) + mirror('raidz1-1', ['d', 'e', 'f'])))
    expect(onN1(view, redundancyLow)).toEqual([])
  })
})

describe('marks of a scan', () => {
  const text = reported('resilvering-marks-raidz3.txt')

  test('are no lost disks: how many more can be lost is known as "at most"', () => {
    const { view, n1 } = seeing(text)
    const [status] = n1.zfs.poolStatus.last?.value ?? []
    expect(status === undefined ? [] : margins(status)).toMatchObject([{ left: 3, isCertain: false }])
    const found = [redundancyLow, poolDegraded, resilverRunning].flatMap((check) => onN1(view, check))
    expect(JSON.stringify(found)).not.toContain('cannot be read')
    expect(found.filter(({ severity }) => severity === 'critical')).toEqual([])
    expect(JSON.stringify(found)).toContain('at most 3')
  })

  test('beside disks that are gone leave what these leave', () => {
    const [status] = parsePoolStatusText(
      text
        .replace('raidz3-0                  ONLINE', 'raidz3-0                  DEGRADED')
        .replace('wwn-0x5000000000000009  ONLINE ', 'wwn-0x5000000000000009  FAULTED')
        .replace(' state: ONLINE', ' state: DEGRADED')
        .replace('hot                         ONLINE', 'hot                         DEGRADED'),
    )
    expect(status === undefined ? [] : margins(status)).toMatchObject([{ left: 2, isCertain: false, out: 1 }])
  })

  test('a vdev that ZFS calls lost is lost', () => {
    const [status] = parsePoolStatusText(
      text.replace(' state: ONLINE', ' state: UNAVAIL').replaceAll(/(\thot |raidz3-0)( +)ONLINE/g, '$1$2UNAVAIL'),
    )
    expect(status === undefined ? [] : margins(status)).toMatchObject([{ left: -1, isCertain: true }])
  })
})

describe('only a log is out', () => {
  const text = reported('only-the-log-is-out.txt')

  test('the pool can lose as many disks as before, and the log has its other half', () => {
    const { view } = seeing(text)
    expect(onN1(view, poolDegraded)).toMatchObject([
      {
        severity: 'warning',
        summary: expect.stringContaining('nvme-EXAMPLE_Y-part1 is OFFLINE'),
        endangers: expect.stringContaining('raidz2-0 can lose 2 more disks'),
      },
    ])
    const disk = [diskFaulted, diskRemoved].flatMap((check) => onN1(view, check))
    expect(JSON.stringify(disk)).not.toContain('can be lost if the host goes down now')
  })

  test('one without another half loses what was just acknowledged', () => {
    const { view } = seeing(text.replace('nvme-EXAMPLE_X-part1   ONLINE ', 'nvme-EXAMPLE_X-part1   FAULTED'))
    expect(JSON.stringify(onN1(view, diskFaulted))).toContain('can be lost if the host goes down now')
  })
})

const disks = (name: string, links: Record<string, string> = {}) => ({
  name,
  model: 'M',
  serial: 'S',
  size: Bytes.parse(1e12),
  rotational: true,
  partitions: [`${name}1`],
  links,
})

describe('a spare that is AVAIL', () => {
  const text = reported('spare-whose-disk-is-gone.txt')

  test('cannot stand in when its disk is gone', () => {
    const { view, n1 } = seeing(text)
    n1.machine.disks.last = { value: [disks('sda', { 'disk/by-id/ata-EXAMPLE_A': 'sda' })], at: now, took: seconds(0) }
    expect(onN1(view, spareUnusable)).toMatchObject([{ summary: expect.stringContaining('its disk is not there') }])
    n1.machine.disks.last.value = [disks('sdc', { 'disk/by-id/ata-EXAMPLE_SPARE': 'sdc' })]
    expect(onN1(view, spareUnusable)).toEqual([])
  })

  test('is quiet where the disks were not seen, or not lately, and for what is no disk', () => {
    const { view, n1 } = seeing(text)
    n1.machine.disks.last = null
    expect(onN1(view, spareUnusable)).toEqual([])
    n1.machine.disks.last = { value: [], at: Instant.parse(now - 86_400_000), took: seconds(0) }
    expect(onN1(view, spareUnusable)).toEqual([])
    const file = seeing(text.replace('/dev/disk/by-id/ata-EXAMPLE_SPARE-part1', '/var/lib/spare.img'))
    file.n1.machine.disks.last = { value: [], at: now, took: seconds(0) }
    expect(onN1(file.view, spareUnusable)).toEqual([])
  })
})

describe('what a pool says of itself and nothing else tells', () => {
  const mismatch = reported('hostid-mismatch-online.txt')
  const saying = (status: string, see?: string) =>
    mismatch
      .replace(/status: [\s\S]*?action:/, `status: ${status}\naction:`)
      .replace(/ {3}see: .*\n/, see === undefined ? '' : `   see: https://openzfs.github.io/openzfs-docs/msg/${see}\n`)

  test.each([
    ['warning', 'another host ID', mismatch],
    ['warning', 'an erratum', saying('Errata #4 detected.', 'ZFS-8000-ER')],
    ['warning', 'a message that is known by its id alone', saying('New words.', 'ZFS-8000-EY')],
    ['warning', 'a reason of a release to come', saying('Something new is the matter.')],
    [
      'warning',
      'features against compatibility',
      saying(
        "One or more features are enabled on the pool despite not being\n\trequested by the 'compatibility' property.",
      ),
    ],
    [
      'info',
      'an old format',
      saying(
        'The pool is formatted using a legacy on-disk format.  The pool can\n\tstill be used, but some features are unavailable.',
      ),
    ],
    [
      'info',
      'a block size',
      saying('One or more devices are configured to use a non-native block size.\n\tExpect reduced performance.'),
    ],
    [
      'warning',
      'errors that no disk shows',
      saying('One or more devices has experienced an unrecoverable error.  An\n\tattempt was made.', 'ZFS-8000-9P'),
    ],
  ])('%s: %s', (severity, _what, text) => {
    expect(onN1(seeing(text).view, poolStatusReason)).toMatchObject([{ severity, subject: 'n1/tank' }])
  })

  test('is nothing where others tell it, or where it says nothing', () => {
    for (const text of [
      saying('Some supported and requested features are not enabled on the pool.'),
      reported('only-the-log-is-out.txt'),
      reported('resilvering-marks-raidz3.txt'),
      reported('spare-whose-disk-is-gone.txt'),
    ]) {
      expect(onN1(seeing(text).view, poolStatusReason)).toEqual([])
    }
  })
})
