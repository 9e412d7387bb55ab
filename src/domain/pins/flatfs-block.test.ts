import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBase32 } from './base-text.ts'
import { blockOfFlatfsFile } from './flatfs-block.ts'

// The empty folder, which every Kubo has: bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354 as a node.
const file = 'X3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data'
const cid = 'bafkreiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'

test.each([
  ['mounted', `/warm-tier/ipfs-cluster/kubo/blocks/${file}`],
  ['not mounted', `warm-tier/ipfs-cluster/kubo/blocks:/${file}`],
  ['in a snapshot', `warm-tier/ipfs-cluster/kubo/blocks@daily:/${file}`],
])('a block file names its block: %s', (_, path) => {
  expect(blockOfFlatfsFile(path)).toBe(cid)
})

test.each([
  ['in another folder than its key says', '/blocks/3Y/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data'],
  ['being written', '/blocks/X3/put-4061431391'],
  ['cut short', '/blocks/X3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMX3Y.data'],
  ['no base32', '/blocks/X1/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX1Y.data'],
  ['the settings of flatfs', '/blocks/SHARDING'],
  ['an object without a name', 'warm-tier/ipfs-cluster/kubo/blocks:<0x12>'],
  ['metadata', '<metadata>:<0x3d>'],
])('what is no block file names none: %s', (_, path) => {
  expect(blockOfFlatfsFile(path)).toBeUndefined()
})

test('every hash comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (hash) => {
      const key = encodeBase32(Uint8Array.from([0x12, 0x20, ...hash])).toUpperCase()
      const text = encodeBase32(Uint8Array.from([1, 0x55, 0x12, 0x20, ...hash]))
      expect(blockOfFlatfsFile(`/blocks/${key.slice(-3, -1)}/${key}.data`)).toBe(`b${text}`)
    }),
  )
})
