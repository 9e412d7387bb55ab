import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Unreachable } from '../../domain/errors.ts'
import { seconds } from '../../domain/units.ts'
import { createPatience } from './patience.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const after = (ms: number) =>
  new Promise<string>((resolve) => {
    setTimeout(() => resolve('answered'), ms)
  })
const never = () => Promise.withResolvers<string>().promise

/** How each of many ended, and when the last one did. */
async function outcome(questions: readonly (() => Promise<string>)[]) {
  const began = performance.now()
  const patience = createPatience(questions.length, seconds(12))
  const all = Promise.all(
    questions.map((question) =>
      patience
        .ask(question)
        .catch((error: unknown) => (error instanceof Unreachable ? error.message : 'something else')),
    ),
  )
  await vi.runAllTimersAsync()
  return { said: await all, took: performance.now() - began }
}

describe('waiting for many', () => {
  it('gives up those that hang soon after most have answered', async () => {
    const { said, took } = await outcome([...Array.from({ length: 170 }, () => () => after(200)), never, never])
    expect(said.filter((one) => one === 'answered')).toHaveLength(170)
    expect(said.at(-1)).toBe('nothing came within 1 s, and 170 others took 0.2 s at most')
    expect(took).toBe(1000)
  })

  it('waits as long for the slow as all take on a busy machine', async () => {
    const { said, took } = await outcome([
      ...Array.from({ length: 30 }, () => () => after(2000)),
      () => after(7000),
      never,
    ])
    expect(said.filter((one) => one === 'answered')).toHaveLength(31)
    expect(took).toBe(12_000)
  })

  it('waits for all of the deadline where few answer', async () => {
    const { said, took } = await outcome([() => after(10), () => after(10), () => after(11_000), never])
    expect(said.slice(0, 3)).toEqual(['answered', 'answered', 'answered'])
    expect(said.at(-1)).toBe('nothing came within 12 s')
    expect(took).toBe(12_000)
  })

  it('hands on what went wrong, and calls off what it gives up', async () => {
    const patience = createPatience(1, seconds(12))
    await expect(patience.ask(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    let signal: AbortSignal | undefined
    const given = patience
      .ask((its) => {
        signal = its
        return never()
      })
      .catch(() => 'given up')
    await vi.runAllTimersAsync()
    expect(await given).toBe('given up')
    expect(signal?.aborted).toBe(true)
  })
})
