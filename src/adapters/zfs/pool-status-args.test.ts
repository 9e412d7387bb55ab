import { describe, expect, test } from 'vitest'
import { poolStatusArgs } from './pool-status-args.ts'
import { readPoolStatus } from './pool-status.ts'

const exec = () => Promise.reject(new Error('asked again'))

describe('arguments', () => {
  test('never ask for rounded numbers', () => {
    expect(poolStatusArgs({ json: true, errors: true })).toEqual(['status', '-j', '-p', '-P', '-s', '-v'])
    expect(poolStatusArgs({ json: false, errors: false })).toEqual(['status', '-p', '-P', '-s'])
  })

  test.each([
    [{ json: true, vdevProperties: true }, '{"output_version":{"command":"zpool status","vers_major":0},"pools":{}}'],
    [{ json: false, vdevProperties: true }, ''],
  ])('the answer is read in the form that was asked for: %j', async (features, stdout) => {
    expect(await readPoolStatus(async () => stdout, { exec, features })).toEqual([])
  })
})
