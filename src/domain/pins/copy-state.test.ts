import { describe, expect, test } from 'vitest'
import { PinStatus } from '../pinning.ts'
import { exceptionOf } from './copy-state.ts'

const held = { isHeld: true, isInKubo: true, isDirect: false }
const foreign = { isHeld: false, isInKubo: false, isDirect: false }

describe('a pin of this peer', () => {
  test.each([
    ['pinned', undefined],
    ['sharded', undefined],
    ['pinning', 'not-pinned'],
    ['pin_queued', 'not-pinned'],
    ['unpinned', 'not-pinned'],
    ['unexpectedly_unpinned', 'unexpectedly-unpinned'],
    ['pin_error', 'in-error'],
  ] as const)('%s', (status, kind) => {
    expect(exceptionOf({ ...held, status })).toBe(kind)
  })

  test('that was unpinned between two lists is not there', () => {
    expect(exceptionOf({ ...held, status: undefined })).toBe('not-pinned')
  })

  test('that is direct is not judged by the list, which is wrong about it', () => {
    expect(exceptionOf({ ...held, isDirect: true, status: 'unexpectedly_unpinned' })).toBeUndefined()
    expect(exceptionOf({ ...held, isDirect: true, status: 'pin_error' })).toBe('in-error')
  })
})

describe('a pin of others', () => {
  test('is as it should be where Kubo does not have it', () => {
    for (const status of PinStatus.options.filter((one) => !one.endsWith('_error')))
      expect(exceptionOf({ ...foreign, status })).toBeUndefined()
  })

  test('that Kubo has, and nobody is about to unpin, is an orphan', () => {
    expect(exceptionOf({ ...foreign, isInKubo: true, status: 'remote' })).toBe('orphan')
    expect(exceptionOf({ ...foreign, isInKubo: true, status: undefined })).toBe('orphan')
    expect(exceptionOf({ ...foreign, isInKubo: true, status: 'unpin_queued' })).toBeUndefined()
    expect(exceptionOf({ ...foreign, isInKubo: undefined, status: 'remote' })).toBeUndefined()
  })
})
