import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { createPrograms } from '../system/exec.ts'
import { parseFileSystems, readFileSystems } from './filesystems.ts'

// As coreutils 9.1 prints it where all three folders lie on one file system.
const printed = `Type   Inodes    IFree Mounted on
ext4 16777216 16257700 /
ext4 16777216 16257700 /
ext4 16777216 16257700 /
`

test('each file system once', () => {
  expect(parseFileSystems(printed)).toEqual([
    { mountpoint: '/', type: 'ext4', inodes: { total: 16_777_216, free: 16_257_700 } },
  ])
})

test('those that make inodes as they are needed are left out; a mount point may hold blanks', () => {
  const rows = 'Type Inodes IFree Mounted on\nzfs 100 50 /\nbtrfs 0 0 /var\nbtrfs - - /tmp\nxfs 9 8 /my disk\n'
  expect(parseFileSystems(rows).map(({ mountpoint }) => mountpoint)).toEqual(['/my disk'])
})

test.each([
  ['nothing', ''],
  ['other columns', 'Filesystem Inodes\next4 1\n'],
  ['a row of another shape', 'Type Inodes IFree Mounted on\next4 1 /\n'],
  ['a number that is humanised', 'Type Inodes IFree Mounted on\next4 16M 15M /\n'],
])('refuses %s', (_, text) => {
  expect(() => parseFileSystems(text)).toThrow(UnexpectedOutput)
})

test('df of this machine is understood', async () => {
  for (const { inodes } of await readFileSystems(createPrograms().exec)) {
    expect(inodes.free).toBeLessThanOrEqual(inodes.total)
  }
})
