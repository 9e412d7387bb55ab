import { expect, test } from 'vitest'
import { cidsOfBlock } from './cids-of-block.ts'
import { blockOfFlatfsFile } from './flatfs-block.ts'

test('a block of flatfs is known under the CIDs by which pins name it', () => {
  const block = blockOfFlatfsFile('/b/X3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data')
  const names = cidsOfBlock(block ?? '')
  expect(names).toContain('bafkreiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')
  expect(names).toContain('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')
  // The empty directory of UnixFS, in both versions.
  expect(cidsOfBlock('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')).toContain(
    'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354',
  )
})

test('what is no CID, or one of another hash, has no other name', () => {
  expect(cidsOfBlock('bafkqaaa')).toEqual(['bafkqaaa'])
})
