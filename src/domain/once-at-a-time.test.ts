import { expect, test } from 'vitest'
import { onceAtATime } from './once-at-a-time.ts'

test('those who ask at the same time have one answer, by key; afterwards it is made anew', async () => {
  const once = onceAtATime<number>()
  let count = 0
  const make = async (): Promise<number> => {
    count += 1
    return count
  }
  expect(await Promise.all([once('a', make), once('a', make), once('b', make)])).toEqual([1, 1, 2])
  expect(await once('a', make)).toBe(3)
})

const fail = () => Promise.reject(new Error('broken'))

test('an error is told to all of them, and is not kept', async () => {
  const once = onceAtATime<string>()
  const settled = await Promise.allSettled([once('a', fail), once('a', fail)])
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await once('a', async () => 'mended')).toBe('mended')
})
