import { expect, test } from 'vitest'
import { fewAtOnce } from './few-at-once.ts'

test('each is used once, no more than so many at once, and what came of them is in their order', async () => {
  let underWay = 0
  let most = 0
  const doubled = await fewAtOnce(3, [5, 4, 3, 2, 1], async (turns) => {
    underWay += 1
    most = Math.max(most, underWay)
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
    underWay -= 1
    return 2 * turns
  })
  expect(doubled).toEqual([10, 8, 6, 4, 2])
  expect(most).toBe(3)
})

test('the first that is rejected rejects all', async () => {
  const things = ['one', 'two', 'three']
  const use = async (thing: string) => (thing === 'two' ? Promise.reject(new RangeError(things[1])) : thing)
  await expect(fewAtOnce(2, things, use)).rejects.toThrow('two')
})
