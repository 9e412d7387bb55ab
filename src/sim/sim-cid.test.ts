import { assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cidOfIndex, indexOfCid, shareOfIndex } from './sim-cid.ts'

const word = integer({ min: 0, max: 2 ** 32 - 1 })

describe('a CID made from a number', () => {
  it('looks like one, and gives the number back', () => {
    assert(
      property(word, word, (key, index) => {
        const cid = cidOfIndex(key, index)
        expect(cid).toMatch(/^bafybei[a-z2-7]{52}$/)
        expect(indexOfCid(key, cid)).toBe(index)
      }),
    )
  })

  it('is not taken for another: with another key, with one letter changed, cut or prolonged', () => {
    assert(
      property(word, word, integer({ min: 1, max: 58 }), (key, index, at) => {
        const cid = cidOfIndex(key, index)
        const letter = cid.charAt(at) === 'a' ? 'b' : 'a'
        expect(indexOfCid(key, `${cid.slice(0, at)}${letter}${cid.slice(at + 1)}`)).toBeUndefined()
        expect(indexOfCid((key ^ 1) >>> 0, cid)).toBeUndefined()
        expect(indexOfCid(key, cid.slice(0, at))).toBeUndefined()
        expect(indexOfCid(key, `${cid}a`)).toBeUndefined()
      }),
    )
    expect(indexOfCid(1, 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG')).toBeUndefined()
  })

  it('spreads over all first letters of a hash, each CID once', () => {
    const cids = Array.from({ length: 20_000 }, (_, index) => cidOfIndex(7, index))
    expect(new Set(cids).size).toBe(20_000)
    // Ten bits of the hash that the number is carried in: 1024 groups of about 20.
    const groups = Map.groupBy(cids, (cid) => cid.slice(8, 10))
    expect(groups.size).toBe(1024)
    expect(Math.max(...[...groups.values()].map((group) => group.length))).toBeLessThan(60)
  })
})

it('draws numbers evenly', () => {
  const shares = Array.from({ length: 10_000 }, (_, index) => shareOfIndex(3, index, 4))
  expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeCloseTo(0.5, 1)
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...shares)).toBeLessThan(1)
})
