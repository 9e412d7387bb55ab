import { expect, it } from 'vitest'
import { identityCid } from './identity-cid.ts'

it('is what Kubo 0.43 takes for a raw CID with its content inside', () => {
  expect(identityCid(0)).toBe('bafkqacaaaaaaaaaaaaaa')
  expect(new Set([0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER].map(identityCid)).size).toBe(4)
})
