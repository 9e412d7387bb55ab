import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { recorded } from './testing.ts'
import { parseZfsVersion, readZfsVersion } from './version.ts'

test.each([
  ['2.1.11', '2.1.11-1+deb12u1', { json: false, vdevProperties: false }],
  ['2.3.2', '2.3.2-2~bpo12+2', { json: true, vdevProperties: true }],
  ['2.3.9', '2.3.9-0+deb13u1', { json: true, vdevProperties: true }],
])('reads what %s says of itself', async (version, userland, features) => {
  const { stdout } = recorded(version, 'version')
  expect(await readZfsVersion(async () => stdout)).toEqual({ userland, module: userland, features })
})

test('programs and module can differ, and the programs decide what they print', () => {
  expect(parseZfsVersion('zfs-2.3.2-2\nzfs-kmod-2.1.11-1+deb12u1\n')).toMatchObject({
    userland: '2.3.2-2',
    module: '2.1.11-1+deb12u1',
    features: { json: true },
  })
})

test('the module is unknown when it is not told', () => {
  expect(parseZfsVersion('zfs-2.2.2-0ubuntu9.1\n')).toEqual({
    userland: '2.2.2-0ubuntu9.1',
    module: null,
    features: { json: false, vdevProperties: true },
  })
})

test.each([
  ['2.10.0', true],
  ['3.0.0-rc1', true],
  ['1.9.3', false],
])('%s is compared by numbers', (version, json) => {
  expect(parseZfsVersion(`zfs-${version}\n`).features.json).toBe(json)
})

test.each(['', 'zfs-kmod-2.3.2\n', 'zpool version 28\n', 'zfs-x.y\n'])('refuses %j', (stdout) => {
  expect(() => parseZfsVersion(stdout)).toThrow(UnexpectedOutput)
})
