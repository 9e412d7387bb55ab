import { expect, test } from 'vitest'
import { CommandFailed, type Exec } from '../adapters/system/exec.ts'
import { Stuck } from '../domain/errors.ts'
import type { Operation } from '../domain/operation.ts'
import { operationNamed } from '../operations/registry.ts'
import { scrubPause } from '../operations/scrub-pause.ts'
import { scrubStart } from '../operations/scrub-start.ts'
import { manualClock } from '../observe/testing.ts'
import { fakeZpool } from '../../test/builders/fake-zpool.ts'
import { doOperation } from './do-operation.ts'
import { recordCommands } from './record-commands.ts'

const zpool = fakeZpool()
const start: Operation = scrubStart.of({ ...zpool.pool, errorsOnly: false })

/** What comes of it, and everything that was run. */
async function tried(change: (pool: ReturnType<typeof fakeZpool>) => Exec | undefined, operation = start) {
  const pool = fakeZpool()
  const recorded = recordCommands(change(pool) ?? pool.exec, manualClock())
  const one = operationNamed(operation.kind)
  if (one?.by !== 'root') throw new Error(`${operation.kind} is not of root`)
  const end = await doOperation(one, operation, { id: 'an id', exec: recorded.exec, state: () => pool.kstat })
  return { end, scrubs: pool.scrubs, commands: recorded.commands }
}

test('looks at the pool right before, then scrubs, and both are told', async () => {
  const { end, commands } = await tried(() => undefined)
  expect(end).toEqual({ state: 'succeeded', result: { outcome: 'started' } })
  expect(commands.map(({ command, exitCode }) => [command, exitCode])).toEqual([
    ['zpool get -H -p -o property,value guid,health,readonly hot-tier', 0],
    ['zpool scrub hot-tier', 0],
  ])
})

test.each<[string, (pool: ReturnType<typeof fakeZpool>) => void, RegExp]>([
  [
    'is suspended by the kernel’s statistics',
    (pool) => (pool.kstat = 'SUSPENDED'),
    /hot-tier is SUSPENDED.*nothing was run/,
  ],
  ['is in no known state', (pool) => (pool.kstat = 'UNKNOWN'), /hot-tier is UNKNOWN/],
  ['is not imported', (pool) => (pool.kstat = undefined), /no pool hot-tier is imported/],
  ['has been suspended since', (pool) => (pool.health = 'SUSPENDED'), /hot-tier is SUSPENDED/],
  ['is read-only', (pool) => (pool.readonly = 'on'), /read-only/],
  ['was made anew', (pool) => (pool.pool.guid = '7'), /has the guid 7, and 4242424242424242424 is meant/],
  ['says what nobody knows', (pool) => (pool.health = 'ON\tLINE'), /not understood/],
])('a pool that %s is left alone, and a person is asked', async (_, change, says) => {
  const { end, scrubs } = await tried((pool) => {
    change(pool)
    return undefined
  })
  expect(end).toMatchObject({ state: 'failed', remedy: 'ask', error: expect.stringMatching(says) })
  expect(scrubs).toEqual([])
})

test('a suspended pool is not even asked for its guid: a program could hang there', async () => {
  const { commands } = await tried((pool) => void (pool.kstat = 'SUSPENDED'))
  expect(commands).toEqual([])
})

test('a degraded pool is scrubbed: it needs it most', async () => {
  const { end } = await tried((pool) => void Object.assign(pool, { kstat: 'DEGRADED', health: 'DEGRADED' }))
  expect(end.state).toBe('succeeded')
})

test.each([
  ['running', 'paused'],
  ['paused', 'was-paused'],
  // OpenZFS 2.3.2 exits with 0 here.
  ['none', 'was-none'],
] as const)('a pause of a scrub that is %s is told as %s', async (scrub, outcome) => {
  const { end } = await tried((pool) => void (pool.scrub = scrub), scrubPause.of(zpool.pool))
  expect(end).toEqual({ state: 'succeeded', result: { outcome } })
})

test('words that we do not know are no success: a person is asked, and the text is kept', async () => {
  const { end, commands } = await tried((pool) => async (file, args, options) => {
    if (args[0] === 'get') return pool.exec(file, args, options)
    throw new CommandFailed({ file, args, exitCode: 7, stdout: '', stderr: 'the moon is full\n' }, 'exited 7')
  })
  expect(end).toMatchObject({ state: 'failed', remedy: 'ask', error: expect.stringContaining('the moon is full') })
  expect(commands.at(-1)).toMatchObject({ exitCode: 7, stderr: 'the moon is full\n' })
})

test('a scrub that hangs is told as one that can still take effect', async () => {
  const { end, commands } = await tried((pool) => async (file, args, options) => {
    if (args[0] === 'get') return pool.exec(file, args, options)
    throw new Stuck('zpool scrub hot-tier (pid 7) has been hanging for 62 s and cannot be killed')
  })
  expect(end).toMatchObject({ state: 'failed', remedy: 'ask', error: expect.stringContaining('can still take effect') })
  expect(commands.at(-1)).toMatchObject({ command: 'zpool scrub hot-tier', exitCode: null })
})

test('a look that hangs has changed nothing, and is tried again', async () => {
  const { end } = await tried(() => () => Promise.reject(new Stuck('zpool get was not started: another one hangs')))
  expect(end).toMatchObject({ state: 'failed', remedy: 'retry', error: expect.stringContaining('nothing was run') })
})
