import { expect, it } from 'vitest'
import { diskNames, readDisks, type DeviceFiles } from './kernel-disks.ts'

/** As /sys/block and /run/udev/data of a Debian 12 have them, cut to what is read (udev(7)). */
const content: Record<string, string> = {
  '/sys/block/sda/size': '3907029168\n',
  '/sys/block/sda/dev': '8:0\n',
  '/sys/block/sda/queue/rotational': '1\n',
  '/sys/block/sda/sda1/partition': '1\n',
  '/sys/block/sda/sda1/dev': '8:1\n',
  '/sys/block/sda/sda9/partition': '9\n',
  '/run/udev/data/b8:0':
    'S:disk/by-id/ata-WDC_WD20EFRX-68EUZN0_WD-1\nS:disk/by-id/wwn-0x50014ee\nI:1\nE:ID_MODEL=WDC_WD20EFRX-68EUZN0\nE:ID_SERIAL=WDC_WD20EFRX-68EUZN0_WD-1\nE:ID_SERIAL_SHORT=WD-1\nG:systemd\n',
  '/run/udev/data/b8:1':
    'S:disk/by-partuuid/11-22\nS:disk/by-id/ata-WDC_WD20EFRX-68EUZN0_WD-1-part1\nE:ID_FS_TYPE=zfs_member\n',
  // A virtual disk without udev.
  '/sys/block/vda/size': '2048\n',
  '/sys/block/sr0/size': '2048\n',
  // A card reader without a card.
  '/sys/block/sdb/size': '0\n',
}
const files: DeviceFiles = {
  list: (folder) => {
    if (folder === '/sys/block') return ['loop0', 'sdb', 'sda', 'sdaa', 'sr0', 'vda', 'zd0', 'zram0', 'dm-0', '..']
    return folder === '/sys/block/sda' ? ['queue', 'sda9', 'sda1', 'size'] : []
  },
  read: (path) => content[path],
}

it('knows disks from what is none', () => {
  expect(diskNames(files)).toEqual(['sda', 'sdb', 'vda', 'dm-0', 'sdaa'])
})

it('reads model, serial, size and names', () => {
  expect(readDisks(files)).toEqual([
    {
      name: 'sda',
      model: 'WDC WD20EFRX-68EUZN0',
      serial: 'WD-1',
      size: 2_000_398_934_016,
      rotational: true,
      partitions: ['sda1', 'sda9'],
      links: {
        'disk/by-id/ata-WDC_WD20EFRX-68EUZN0_WD-1': 'sda',
        'disk/by-id/wwn-0x50014ee': 'sda',
        'disk/by-partuuid/11-22': 'sda1',
      },
    },
    { name: 'vda', model: '', serial: '', size: 1_048_576, rotational: null, partitions: [], links: {} },
  ])
})

it.runIf(process.platform === 'linux')('reads this machine', () => {
  expect(readDisks().every(({ size }) => size > 0)).toBe(true)
})
