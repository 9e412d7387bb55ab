import { describe, expect, test } from 'vitest'
import { NotPermitted, type OpsError, ProgramMissing } from '../../domain/errors.ts'
import { CommandFailed } from '../system/exec.ts'
import { recorded } from './testing.ts'
import { namedFailure, NoSuchDataset, NoSuchPool, PoolSuspended, running, ZfsModuleNotLoaded } from './zfs-failures.ts'

const failed = (stderr: string, exitCode = 1) =>
  new CommandFailed({ file: 'zpool', args: ['list'], exitCode, stdout: '', stderr }, `exited ${exitCode}`)

/** Every recorded run that failed, and what it is. */
const runs: [string, string, new (...args: never[]) => OpsError][] = [
  ['2.1.11', 'K.zfsget', PoolSuspended],
  ['2.1.11', 'K.zfslist', PoolSuspended],
  ['2.1.11', 'K.scrub', PoolSuspended],
  ['2.1.11', 'K.snap', PoolSuspended], // with a usage text below
  ['2.1.11', 'K.wait', PoolSuspended], // exit 11
  ['2.1.11', 'nosuch.list', NoSuchPool],
  ['2.3.2', 'nosuch.list', NoSuchPool],
  ['2.3.9', 'nosuch.list', NoSuchPool],
  ['2.1.11', 'nosuch.zfslist', NoSuchDataset],
  ['2.3.2', 'nosuch.zfslist', NoSuchDataset],
  ['2.3.2', 'nosuch.zfsjson', NoSuchDataset],
  ['2.3.9', 'nosuch.zfslist', NoSuchDataset],
  ['2.1.11', 'P.list-partial', NoSuchDataset],
  ['2.1.11', 'Q.scrub', NotPermitted],
  ['2.1.11', 'Q.history', NotPermitted],
  ['2.1.11', 'Q.events', NotPermitted], // exit 255
  ['2.3.2', 'Q.scrub', NotPermitted],
  ['2.3.2', 'Q.history', NotPermitted],
  ['2.3.2', 'Q.events', NotPermitted],
]

describe('named by what the program says', () => {
  test.each(runs)('%s %s', (version, name, named) => {
    const { stderr, exit } = recorded(version, name)
    expect(exit).not.toBe(0)
    const cause = failed(stderr, exit)
    expect(namedFailure(cause)).toBeInstanceOf(named)
    expect(namedFailure(cause).cause).toBe(cause)
  })

  test.each([
    ["The ZFS modules are not loaded.\nTry running 'modprobe zfs' as root to load them.\n"],
    ["The ZFS modules cannot be auto-loaded.\nTry running 'modprobe zfs' as root to manually load them.\n"],
    [
      "/dev/zfs and /proc/self/mounts are required.\nTry running 'udevadm trigger' and 'mount -t proc proc /proc' as root.\n",
    ],
  ])('%j', (stderr) => {
    expect(namedFailure(failed(stderr))).toBeInstanceOf(ZfsModuleNotLoaded)
  })

  test('without rights to /dev/zfs', () => {
    const refusal = namedFailure(failed('Permission denied the ZFS utilities must be run as root.\n'))
    expect(refusal).toBeInstanceOf(NotPermitted)
    expect(refusal).toMatchObject({ hint: expect.stringContaining('root') })
  })
})

describe('left as it is', () => {
  test('a failure that nobody has named', () => {
    const { stderr, exit } = recorded('2.3.2', 'usage.zfsbadprop')
    const cause = failed(stderr, exit)
    expect(namedFailure(cause)).toBe(cause)
  })

  test('a reason inside of a name', () => {
    const cause = failed("cannot open 'a: no such pool b': name is too long\n")
    expect(namedFailure(cause)).toBe(cause)
  })

  test('a program that is not there', async () => {
    const missing = new ProgramMissing('the program zpool is not installed here', 'apt install zfsutils-linux')
    await expect(running(async () => Promise.reject(missing), 'zpool', ['list'])).rejects.toBe(missing)
  })
})

test('a run that fails is named', async () => {
  const { stderr } = recorded('2.3.2', 'nosuch.list')
  await expect(running(async () => Promise.reject(failed(stderr)), 'zpool', ['list'])).rejects.toThrow(
    'zpool list was refused',
  )
})
