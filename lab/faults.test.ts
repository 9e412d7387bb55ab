import { expect, test } from 'vitest'

import { parseTarget } from './fault-command.ts'
import { blockFile } from './faults/block-file.ts'
import { rawCid } from './faults/peer-faults.ts'
import { faults } from './faults.ts'

const all = Object.values(faults)

test('each fault has a name for making and one for mending, and no name means two things', () => {
  const names = all.flatMap(({ name, mendName }) => [name, mendName])
  expect(new Set(names).size).toBe(all.length * 2)
})

test('the words after a fault are read in the order in which it takes them', () => {
  expect(parseTarget(faults.killKubo, ['1'])).toEqual({ peer: 1 })
  expect(parseTarget(faults.fillStore, ['deb12-zfs21', 'cold-tier', '0.92'])).toEqual({
    guest: 'deb12-zfs21',
    pool: 'cold-tier',
    share: 0.92,
  })
  expect(parseTarget(faults.pullDisk, ['deb12-zfs21'])).toEqual({ guest: 'deb12-zfs21' })
})

test('a fault without its target, with a wrong one, or with too many is refused with its usage', () => {
  expect(() => parseTarget(faults.killKubo, [])).toThrow('kill-kubo PEER')
  expect(() => parseTarget(faults.killKubo, ['one'])).toThrow('PEER is a number')
  expect(() => parseTarget(faults.fillStore, ['deb12-zfs21', 'cold-tier', '92'])).toThrow('SHARE is between 0 and 1')
  expect(() => parseTarget(faults.suspendPool, ['deb12-zfs21', 'x'])).toThrow('suspend GUEST')
})

test('a CID of a raw block is what Kubo makes of the same bytes', () => {
  // `printf 'hello\n' | ipfs add --raw-leaves --cid-version 1` (Kubo 0.43.0)
  expect(rawCid('hello\n')).toBe('bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am')
})

test('a block lies where Kubo keeps it', () => {
  // The file of the same bytes in a repository of Kubo 0.43.0.
  expect(blockFile(rawCid('hello\n'))).toMatch(/^([A-Z2-7]{2})\/CIQ[A-Z2-7]+\1[A-Z2-7]\.data$/)
})
