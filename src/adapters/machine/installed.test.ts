import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { CommandFailed, type Exec } from '../system/exec.ts'
import { parseHostId, readHostId } from './host-id.ts'
import { parseKernels, readKernels } from './kernels.ts'
import { parseCron, parseTimers, readSchedulers } from './schedulers.ts'

const lines = (...paths: string[]) => paths.map((path) => `${path}\0`).join('')

describe('parseKernels', () => {
  it('finds the module where Debian, Fedora, Ubuntu and Proxmox have it', () => {
    const modules = lines(
      '6.1.0-40-amd64/updates/dkms/zfs.ko',
      '6.1.0-40-amd64/modules.order',
      '6.8.0-1/kernel/zfs/zfs.ko.zst',
      '6.8.0-1/modules.order',
      '6.11.4-301.fc41/extra/zfs.ko.xz',
      '6.11.4-301.fc41/modules.order',
      '6.12.0-1/modules.order',
    )
    const images = lines('vmlinuz-6.1.0-40-amd64', 'vmlinuz-6.8.0-1', 'vmlinuz-6.11.4-301.fc41', 'vmlinuz-6.12.0-1')
    expect(parseKernels(modules, images)).toEqual([
      { release: '6.1.0-40-amd64', hasZfs: true },
      { release: '6.11.4-301.fc41', hasZfs: true },
      { release: '6.12.0-1', hasZfs: false },
      { release: '6.8.0-1', hasZfs: true },
    ])
  })

  it('what is left of a removed kernel is no kernel', () => {
    const modules = lines('5/updates/dkms/zfs.ko', '6/modules.order', '6/vmlinuz', '7/modules.order')
    expect(parseKernels(modules, lines('vmlinuz-8'))).toEqual([{ release: '6', hasZfs: false }])
  })

  it('without any image, what has modules counts', () => {
    expect(parseKernels(lines('6/modules.order', '6/extra/zfs.ko.gz'), '')).toEqual([{ release: '6', hasZfs: true }])
    expect(parseKernels('', '')).toEqual([])
  })

  it('reads whatever find prints', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (modules, images) => {
        expect(parseKernels(modules, images).length).toBeLessThanOrEqual(50)
      }),
    )
  })
})

const failing =
  (exitCode: number, stdout: string, stderr: string): Exec =>
  (file, args) =>
    Promise.reject(new CommandFailed({ file, args, exitCode, stdout, stderr }, 'failed'))

describe('files that are not there', () => {
  it('are no failure', async () => {
    expect(await readKernels(failing(1, '', "find: '/lib/modules/': No such file or directory\n"))).toEqual([])
    expect(await readHostId(failing(1, '', 'od: /etc/hostid: No such file or directory\n'))).toBeNull()
    expect(await readSchedulers({ exec: failing(2, '', ''), hasSystemd: false })).toEqual([])
  })

  it('files that may not be read are one', async () => {
    await expect(readHostId(failing(1, '', 'od: /etc/hostid: Permission denied\n'))).rejects.toThrow(CommandFailed)
    await expect(readKernels(failing(1, '', ''))).rejects.toThrow(CommandFailed)
  })
})

describe('parseHostId', () => {
  it.each([
    [' 9f2a1c07\n', '9f2a1c07'],
    ['', null],
    [' 00000000\n', null],
  ])('%j is %s', (stdout, id) => {
    expect(parseHostId(stdout)).toBe(id)
  })

  it('refuses more than four bytes', () => {
    expect(() => parseHostId(' 9f2a1c07 00000001\n')).toThrow(UnexpectedOutput)
  })
})

/** As the Debian package zfsutils-linux ships it, and what zfs-auto-snapshot puts into cron.hourly. */
const debian = [
  '/etc/cron.d/zfsutils-linux\x0024 0 1-7 * * root if [ $(date +\\%w) -eq 0 ] && [ -x /usr/lib/zfs-linux/trim ]; then /usr/lib/zfs-linux/trim; fi',
  '/etc/cron.d/zfsutils-linux\x0024 0 8-14 * * root if [ $(date +\\%w) -eq 0 ] && [ -x /usr/lib/zfs-linux/scrub ]; then /usr/lib/zfs-linux/scrub; fi',
  '/etc/cron.hourly/zfs-auto-snapshot\0exec zfs-auto-snapshot --quiet --syslog --label=hourly --keep=24 //',
  '/etc/cron.d/sanoid.dpkg-old\0*/15 * * * * root sanoid --cron',
  '/etc/crontab\x005 3 * * * root zfs send -i a b | ssh -i /root/secret zfs receive c',
].join('\n')

describe('schedulers', () => {
  it('in cron are told by file and work, never by their lines', () => {
    expect(parseCron(debian)).toEqual([
      { name: 'zfsutils-linux', place: '/etc/cron.d/zfsutils-linux', does: ['scrub', 'trim'] },
      { name: 'zfs-auto-snapshot', place: '/etc/cron.hourly/zfs-auto-snapshot', does: ['snapshot'] },
      { name: 'crontab', place: '/etc/crontab', does: ['replicate'] },
    ])
    expect(JSON.stringify(parseCron(debian))).not.toContain('secret')
  })

  it('as timers count while they are active', () => {
    const shown = [
      'Id=zfs-scrub-weekly@tank.timer\nActiveState=active',
      'Id=sanoid.timer\nActiveState=active',
      'Id=zrepl.service\nActiveState=inactive',
    ].join('\n\n')
    expect(parseTimers(shown)).toEqual([
      { name: 'zfs-scrub-weekly', place: 'zfs-scrub-weekly@tank.timer', does: ['scrub'] },
      { name: 'sanoid', place: 'sanoid.timer', does: ['snapshot'] },
    ])
    expect(parseTimers('')).toEqual([])
  })

  it('reads whatever is printed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect([...parseCron(text), ...parseTimers(text)].every(({ does }) => does.length > 0)).toBe(true)
      }),
    )
  })
})
