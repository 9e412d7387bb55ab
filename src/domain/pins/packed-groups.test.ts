import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { packGroups, unpackGroups } from './packed-groups.ts'

test('groups are the same after they were packed', () => {
  const peers = Array.from({ length: 600 }, (_, number) => `p${number}`)
  const group = fc.record({
    holders: fc.oneof(fc.subarray(peers, { maxLength: 5 }), fc.constant('everywhere' as const)),
    replicationMin: fc.integer({ min: -1, max: 20 }),
    replicationMax: fc.integer({ min: -1, max: 20 }),
    pins: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
  })
  fc.assert(
    fc.property(fc.array(group, { maxLength: 50 }), (groups) => {
      expect([...unpackGroups(packGroups(groups))]).toEqual(groups)
    }),
  )
})

test('what is cut, or has no names, is no group', () => {
  const { bytes, names } = packGroups([{ holders: ['a', 'b'], replicationMin: 1, replicationMax: 2, pins: 3 }])
  expect(() => [...unpackGroups({ bytes: bytes.subarray(0, -1), names })]).toThrow(RangeError)
  expect(() => [...unpackGroups({ bytes, names: { ...names, peers: ['a'] } })]).toThrow(RangeError)
  expect(() => [...unpackGroups({ bytes, names: { ...names, wishes: [] } })]).toThrow(RangeError)
})

test('what an entry has no room for is refused, and not packed as something else', () => {
  const group = { holders: ['a'], replicationMin: 1, replicationMax: 1, pins: 2 ** 32 - 1 }
  expect([...unpackGroups(packGroups([group]))]).toEqual([group])
  expect(() => packGroups([{ ...group, pins: 2 ** 32 }])).toThrow(RangeError)
  // As many holders would be read as every peer.
  expect(() => packGroups([{ ...group, holders: Array.from({ length: 65_535 }, () => 'a') }])).toThrow(RangeError)
})
