import { boolean, constantFrom, integer, option, property, assert, record, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { logsPath, readLogsQuery } from '../api/logs.ts'
import { NotPermitted } from '../domain/errors.ts'
import type { LogItem, LogQuery } from '../domain/logs/log.ts'
import type { Logs } from '../domain/ports/logs.ts'
import { Instant } from '../domain/units.ts'
import { agentApp } from './http.ts'

const observation = (): never => {
  throw new Error('not asked for')
}
const appOf = (logs: Logs) => agentApp({ host: 'n1', tiercelVersion: '0', token: 'right', observation, logs })
async function* nothing(): AsyncGenerator<LogItem> {}
async function* failing(): AsyncGenerator<LogItem> {
  yield alive
  throw new NotPermitted('may not', 'join the group')
}
const headers = { authorization: 'Bearer right' }
const alive: LogItem = { kind: 'alive', at: Instant.parse(1), upTo: null, cursor: null }
const path = '/v1/logs?source=zfs'

test('any question is understood as it was asked', () => {
  const time = integer({ min: 0, max: 2 ** 45 }).map((at) => Instant.parse(at))
  const questions = record<LogQuery>({
    source: constantFrom('cluster', 'kubo', 'zfs', 'kernel'),
    follow: boolean(),
    errors: boolean(),
    since: time,
    cursor: constantFrom('s=0;i=1', 'b=a-b;n=1;t=2'),
    stores: uniqueArray(constantFrom('hot', 'warm', 'cold'), { minLength: 1 }),
  })
  assert(
    property(questions, option(time), (question, until) => {
      const asked = until === null ? question : { ...question, until }
      const words = new URL(`http://agent${logsPath(asked)}`).searchParams
      expect(readLogsQuery(words).data).toEqual(asked)
    }),
  )
})

test.each(['source=shadow', 'source=zfs&since=yesterday', 'source=zfs&file=/etc/shadow', 'source=zfs&store=../x', ''])(
  'refuses %s, and reads nothing',
  async (words) => {
    let reads = 0
    const read = () => {
      reads += 1
      return nothing()
    }
    const answer = await appOf({ read }).request(`/v1/logs?${words}`, { headers })
    expect(answer.status).toBe(400)
    expect(reads).toBe(0)
  },
)

test('reads nothing without the token', async () => {
  expect((await appOf({ read: observation }).request(path)).status).toBe(401)
})

test('a failure in the middle is the last line, with what to do', async () => {
  const answer = await appOf({ read: failing }).request(path, { headers })
  expect(answer.status).toBe(200)
  const lines = (await answer.text()).trimEnd().split('\n')
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({
    kind: 'failed',
    error: { code: 'failed', message: 'may not', hint: 'join the group' },
  })
})

test('sends to so many at once and no more; whoever goes makes room, and ends what was started', async () => {
  let running = 0
  const read = async function* read(_query: LogQuery, signal: AbortSignal): AsyncGenerator<LogItem> {
    running += 1
    signal.addEventListener('abort', () => {
      running -= 1
    })
    while (!signal.aborted) yield alive
  }
  const app = appOf({ read })
  const readers = []
  for (let count = 0; count < 16; count += 1) {
    const answer = await app.request(path, { headers })
    expect(answer.status).toBe(200)
    const reader = answer.body?.getReader()
    await reader?.read()
    readers.push(reader)
  }
  expect(running).toBe(16)
  const refused = await app.request(path, { headers })
  expect(refused.status).toBe(503)
  expect(await refused.json()).toMatchObject({ error: { code: 'busy' } })
  await readers[0]?.cancel()
  expect(running).toBe(15)
  const again = await app.request(path, { headers })
  expect(again.status).toBe(200)
  for (const reader of readers) await reader?.cancel()
  await again.body?.cancel()
})
