import { describe, expect, test } from 'vitest'
import { compareReleases, kuboBugs, zfsBugs } from './known-bugs.ts'

const zfs = (id: string, version: string, userNamespaces: boolean | null = true) =>
  zfsBugs.find((bug) => bug.id === id)?.has({ version, userNamespaces, draid: null })
const kubo = (id: string, facts: { version: string; enableGc?: boolean | null; provideStrategy?: string | null }) =>
  kuboBugs.find((bug) => bug.id === id)?.has({ enableGc: null, provideStrategy: null, ...facts })

describe('versions', () => {
  test.each([
    ['2.1.9', '2.1.11', -1],
    ['2.2.0-rc4', '2.2.0', 0],
    ['2.3.9-0+deb13u1', '2.3.9', 0],
    ['v0.43.0', '0.42', 1],
    ['2.10.0', '2.9.9', 1],
  ])('%s against %s', (one, other, sign) => {
    expect(Math.sign(compareReleases(one, other) ?? Number.NaN)).toBe(sign)
  })

  test('what is no version is not compared, and has no known error', () => {
    expect(compareReleases('', '2.1.0')).toBeUndefined()
    for (const version of ['', 'unknown', '(DEV)']) {
      for (const { id } of zfsBugs) expect(zfs(id, version)).not.toBe('yes')
      for (const { id } of kuboBugs) expect(kubo(id, { version, enableGc: true, provideStrategy: 'roots' })).toBe('no')
    }
  })
})

test.each([
  ['2.1.11-1', 'yes'], // Debian before the fix, and upstream
  ['2.1.11-1+deb12u1', 'no'], // Debian 12: cherry-picked
  ['2.1.11-1+deb12u2', 'no'],
  ['2.1.5-1ubuntu6~22.04.5', 'unsure'],
  ['2.0.3-9+deb11u1', 'unsure'],
  ['2.1.13', 'yes'],
  ['2.1.14', 'no'],
  ['2.2.1', 'yes'],
  ['2.2.2-0ubuntu9.1', 'no'],
  ['2.3.2-2~bpo12+2', 'no'],
])('dnode_is_dirty in OpenZFS %s: %s', (version, has) => {
  expect(zfs('dnode-dirty', version)).toBe(has)
})

test.each([
  ['2.1.11-1+deb12u1', true, 'unsure'],
  ['2.2.2-0ubuntu9.1', true, 'yes'],
  ['2.3.2-2', true, 'yes'],
  ['2.3.2-2', false, 'no'],
  ['2.3.2-2', null, 'unsure'],
  ['2.3.9-0+deb13u1', true, 'no'],
  ['2.2.10', true, 'yes'],
  ['2.2.11', true, 'no'],
  ['2.4.0', true, 'yes'],
  ['2.4.3-1~bpo13+1', true, 'yes'],
  ['2.4.3', false, 'no'],
  ['2.4.4-1~bpo13+1', true, 'no'],
  ['2.5.0', true, 'no'],
])('user namespaces with OpenZFS %s (allowed: %s): %s', (version, allowed, has) => {
  expect(zfs('user-namespaces', version, allowed)).toBe(has)
})

describe('each line is mended on its own', () => {
  test.each([
    [
      'clone-freed-blocks',
      ['2.3.0', '2.3.8', '2.4.0', '2.4.3'],
      ['2.1.11', '2.2.9', '2.3.9', '2.3.10', '2.4.4', '2.5.0', '3.0.0'],
    ],
    ['clone-truncate', ['2.3.0', '2.3.6', '2.4.0', '2.4.1'], ['2.1.11', '2.2.9', '2.3.7', '2.4.2', '2.4.10', '2.5.0']],
  ])('%s', (id, having, without) => {
    expect(having.map((version) => zfs(id, version))).toEqual(having.map(() => 'yes'))
    expect(having.map((version) => zfs(id, `${version}-1~bpo13+1`))).toEqual(having.map(() => 'unsure'))
    expect(without.map((version) => zfs(id, version))).toEqual(without.map(() => 'no'))
  })

  test.each<[string, boolean | null, string]>([
    ['2.0.7', true, 'no'],
    ['2.1.11', true, 'yes'],
    ['2.1.11', false, 'no'],
    ['2.1.11', null, 'unsure'],
    ['2.2.9', true, 'yes'],
    ['2.2.10', true, 'no'],
    ['2.3.6', true, 'yes'],
    ['2.3.7', true, 'no'],
    ['2.4.1', true, 'yes'],
    ['2.4.2', true, 'no'],
  ])('errors of dRAID with OpenZFS %s (there is one: %s): %s', (version, draid, has) => {
    const bug = zfsBugs.find(({ id }) => id === 'draid-clear')
    expect(bug?.has({ version, userNamespaces: null, draid })).toBe(has)
  })
})

test('block cloning is an error of 2.2.0 alone', () => {
  expect(['2.1.99', '2.2.0', '2.2.0-0ubuntu1', '2.2.1'].map((version) => zfs('block-cloning', version))).toEqual([
    'no',
    'yes',
    'unsure',
    'no',
  ])
})

test('errors of Kubo need what sets them off', () => {
  expect(kubo('gc-shutdown', { version: '0.43.0', enableGc: true })).toBe('yes')
  expect(kubo('gc-shutdown', { version: '0.43.0', enableGc: false })).toBe('no')
  expect(kubo('gc-shutdown', { version: '0.43.0' })).toBe('no')
  expect(kubo('gc-shutdown', { version: '0.44.0', enableGc: true })).toBe('no')
  expect(kubo('gc-mfs', { version: '0.42.0', enableGc: true })).toBe('yes')
  expect(kubo('pin-hangs', { version: '0.41.0', provideStrategy: 'pinned+mfs' })).toBe('yes')
  expect(kubo('pin-hangs', { version: '0.41.0', provideStrategy: 'all' })).toBe('no')
  expect(kubo('pin-hangs', { version: '0.42.0', provideStrategy: 'roots' })).toBe('no')
})
