import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { Unreachable } from '../../domain/errors.ts'
import { seconds } from '../../domain/units.ts'
import { temporaryFolder } from '../../../test/builders/temporary-folder.ts'
import { createPatience, type Signs } from './patience.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Two turns of the event loop, before anybody is given up; fake timers take each for a millisecond. */
const lastLookMs = 2

const after = (ms: number) =>
  new Promise<string>((resolve) => {
    setTimeout(() => resolve('answered'), ms)
  })
const never = () => Promise.withResolvers<string>().promise

type Question = (signal: AbortSignal, signs: Signs) => Promise<string>

/** One that is there from the start. */
const here =
  (run: () => Promise<string>): Question =>
  async (_signal, { there, answering }) => {
    there()
    const answer = await run()
    answering()
    return answer
  }

/** One that logs in first. */
const afterLogin =
  (ms: number, run: () => Promise<string>): Question =>
  async (_signal, { there, answering }) => {
    await after(ms)
    there()
    const answer = await run()
    answering()
    return answer
  }

/** One that begins its answer at once, and takes long to send it. */
const farAway =
  (ms: number): Question =>
  async (_signal, { there, answering }) => {
    there()
    answering()
    return after(ms)
  }

/** How each of many ended, and when the last one did. */
async function outcome(questions: readonly Question[], waited = () => performance.now()) {
  const began = performance.now()
  const patience = createPatience(seconds(12), waited)
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

/** The clock of a process that is busy itself for so long, and then has nothing to do but to wait. */
function whileBusyFor(ms: number): () => number {
  const began = performance.now()
  return () => Math.max(0, performance.now() - began - ms)
}

describe('waiting for many', () => {
  it('gives up those that hang soon after most have answered', async () => {
    const { said, took } = await outcome([
      ...Array.from({ length: 170 }, () => here(() => after(200))),
      here(never),
      here(never),
    ])
    expect(said.filter((one) => one === 'answered')).toHaveLength(170)
    expect(said.at(-1)).toBe('nothing came within 0.6 s, while 170 others answered, half of them in 0.2 s')
    expect(took).toBe(600 + lastLookMs)
  })

  it('waits as long for the slow as all take on a busy machine', async () => {
    const { said, took } = await outcome([
      ...Array.from({ length: 30 }, () => here(() => after(2000))),
      here(() => after(5000)),
      here(never),
    ])
    expect(said.filter((one) => one === 'answered')).toHaveLength(31)
    expect(took).toBe(6000 + lastLookMs)
  })

  it('does not count what this process did itself while others waited', async () => {
    const questions = [...Array.from({ length: 30 }, () => here(() => after(1000))), here(never)]
    const busy = await outcome(questions, () => performance.now() / 10)
    expect(busy.took).toBe(3000 + lastLookMs)
    const busyUntilAll = await outcome(questions, whileBusyFor(1000))
    expect(busyUntilAll.said.at(-1)).toBe('nothing came within 1.1 s, while 30 others answered, half of them in 1.0 s')
    expect(busyUntilAll.took).toBe(1100 + lastLookMs)
  })

  it('gives nobody up before it had nothing else to do than to wait for them', async () => {
    const others = Array.from({ length: 30 }, () => here(() => after(1000)))
    const soonAfter = await outcome([...others, here(() => after(1090))], whileBusyFor(1000))
    expect(soonAfter.said.at(-1)).toBe('answered')
    const quick = Array.from({ length: 30 }, () => here(() => after(100)))
    const withinHalfASecond = await outcome([...quick, here(() => after(499))], whileBusyFor(100))
    expect(withinHalfASecond.said.at(-1)).toBe('answered')
  })

  it('waits for all of the deadline where few answer', async () => {
    const { said, took } = await outcome([
      here(() => after(10)),
      here(() => after(10)),
      here(() => after(11_000)),
      here(never),
    ])
    expect(said.slice(0, 3)).toEqual(['answered', 'answered', 'answered'])
    expect(said.at(-1)).toBe('nothing came within 12 s')
    expect(took).toBe(12_000 + lastLookMs)
  })

  it('gives all of the deadline to a login, and to what answers after it what the others take', async () => {
    const quick = Array.from({ length: 30 }, () => here(() => after(100)))
    const slow = await outcome([...quick, afterLogin(9000, () => after(100))])
    expect(slow.said.at(-1)).toBe('answered')
    const hanging = await outcome([...quick, afterLogin(3000, never)])
    expect(hanging.said.at(-1)).toBe('nothing came within 3.5 s, while 30 others answered, half of them in 0.1 s')
    expect(hanging.took).toBe(3500 + lastLookMs)
  })

  it('does not take a long way for a silence: an answer that has begun may take all of the deadline', async () => {
    const quick = Array.from({ length: 30 }, () => here(() => after(100)))
    const { said } = await outcome([...quick, farAway(9000), here(() => after(9000))])
    expect(said.at(-2)).toBe('answered')
    expect(said.at(-1)).toContain('nothing came within')
  })

  it('that is seen here: without a word that they are there, those that hang keep all waiting', async () => {
    const quick = Array.from({ length: 30 }, () => here(() => after(100)))
    expect((await outcome([...quick, never])).took).toBe(12_000 + lastLookMs)
  })

  it('hands on what went wrong, and calls off what it gives up', async () => {
    const patience = createPatience(seconds(12), () => performance.now())
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

const atOnce: Question = async (_signal, { there, answering }) => {
  there()
  answering()
  return 'answered'
}

test('an answer that came while this process was busy itself is read before anybody is given up', async () => {
  vi.useRealTimers()
  const server = createServer((connection) => {
    connection.write('answered')
    // From here until the end of this, nothing is read: as after a large answer of somebody else, or Ctrl-Z.
    for (const end = performance.now() + 700; performance.now() < end;);
  })
  const path = join(temporaryFolder(), 'agent.sock')
  await new Promise<void>((resolve) => {
    server.listen(path, resolve)
  })
  const patience = createPatience(seconds(12))
  await Promise.all(Array.from({ length: 30 }, () => patience.ask(atOnce)))
  const said = patience.ask(
    (_signal, { there, answering }) =>
      new Promise<string>((resolve) => {
        there()
        const connection = connect(path)
        connection.once('data', (text) => {
          answering()
          connection.destroy()
          resolve(text.toString('utf8'))
        })
      }),
  )
  await expect(said).resolves.toBe('answered')
  server.close()
})
