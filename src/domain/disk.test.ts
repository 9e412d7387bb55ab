import { expect, test } from 'vitest'
import { type Disk, diskUnder, lastingName } from './disk.ts'
import { Bytes } from './units.ts'

const disk = (name: string, partitions: string[], links: Disk['links']): Disk => ({
  name,
  model: '',
  serial: '',
  size: Bytes.parse(1),
  rotational: null,
  partitions,
  links,
})
const disks = [
  disk('sda', ['sda1', 'sda9'], {
    'disk/by-id/ata-MODEL_A1': 'sda',
    'disk/by-id/wwn-0x5': 'sda',
    'disk/by-partuuid/11-22': 'sda1',
  }),
  disk('nvme0n1', ['nvme0n1p1'], { 'disk/by-id/nvme-eui.00': 'nvme0n1', 'disk/by-id/nvme-MODEL_B': 'nvme0n1' }),
  disk('dm-0', [], { 'mapper/crypt': 'dm-0', 'disk/by-id/dm-name-crypt': 'dm-0' }),
]

test.each([
  ['sda1', undefined, 'sda', 'sda1'],
  ['sda', '/dev/sda1', 'sda', 'sda1'],
  ['/dev/sda', undefined, 'sda', 'sda'],
  ['ata-MODEL_A1', undefined, 'sda', 'sda'],
  ['x', '/dev/disk/by-id/ata-MODEL_A1-part1', 'sda', 'sda1'],
  ['x', '/dev/disk/by-id/nvme-MODEL_B-part1', 'nvme0n1', 'nvme0n1p1'],
  ['x', '/dev/disk/by-partuuid/11-22', 'sda', 'sda1'],
  ['crypt', '/dev/mapper/crypt', 'dm-0', 'dm-0'],
])('leaf %s at %s lies on %s', (name, path, on, device) => {
  const under = diskUnder(disks, { name, ...(path === undefined ? {} : { path }) })
  expect([under?.disk.name, under?.device]).toEqual([on, device])
})

test.each(['/var/tmp/file', '1234567890', 'constructor', '/dev/disk/by-id/gone-part1'])('%s lies on none', (name) => {
  expect(diskUnder(disks, { name })).toBeUndefined()
})

test('the name that lasts is the one that tells most', () => {
  expect(disks.map(lastingName)).toEqual([
    '/dev/disk/by-id/ata-MODEL_A1',
    '/dev/disk/by-id/nvme-MODEL_B',
    '/dev/disk/by-id/dm-name-crypt',
  ])
})
