import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Instant } from '../../domain/units.ts'
import { CommandFailed, type Exec } from '../system/exec.ts'
import { bootNotes } from './boot-notes.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-boot-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** systemctl is-system-running, as it ends in each state (systemctl(1)). */
const systemIs =
  (state: string): Exec =>
  (file, args) =>
    state === 'running'
      ? Promise.resolve('running\n')
      : Promise.reject(new CommandFailed({ file, args, exitCode: 1, stdout: `${state}\n`, stderr: '' }, 'exited 1'))

const agentIn = (boot: string, state = 'running') =>
  bootNotes({ folder, exec: systemIs(state), now: () => Instant.parse(1000), read: () => `${boot}\n` })

test('an agent that is new knows nothing of the boot before', async () => {
  expect(await agentIn('a').look()).toEqual({ id: 'a', previous: null })
})

test.each([
  ['the machine goes down', 'stopping', 'clean'],
  ['the agent alone is stopped', 'running', 'unknown'],
  ['the agent alone is stopped on a machine with failed units', 'degraded', 'unknown'],
  ['nobody says why', 'offline', 'unknown'],
])('%s: the next boot says %s', async (_, state, ended) => {
  await agentIn('a').look()
  await agentIn('a', state).end()
  expect((await agentIn('b').look()).previous).toEqual({ id: 'a', ended, seenAt: 1000 })
})

test('a note that nobody closed is an unclean stop, and stays one while this boot lasts', async () => {
  await agentIn('a').look()
  expect((await agentIn('b').look()).previous?.ended).toBe('unclean')
  await agentIn('b', 'running').end()
  expect((await agentIn('b').look()).previous?.ended).toBe('unclean')
  await agentIn('b', 'stopping').end()
  expect((await agentIn('c').look()).previous?.ended).toBe('clean')
})

test('an agent that was killed and started again in the same boot says nothing new', async () => {
  await agentIn('a').look()
  expect((await agentIn('a').look()).previous).toBeNull()
})

test('a look that comes while the agent ends does not take back that the machine goes down', async () => {
  const agent = agentIn('a', 'stopping')
  await Promise.all([agent.look(), agent.end(), agent.look()])
  expect((await agentIn('b').look()).previous?.ended).toBe('clean')
})

test('a note that is not understood is none', async () => {
  writeFileSync(join(folder, 'boot.json'), '{"bootId":')
  expect((await agentIn('a').look()).previous).toBeNull()
})

test('without a folder nothing is noted, and nothing is known', async () => {
  const notes = bootNotes({
    folder: undefined,
    exec: systemIs('running'),
    now: () => Instant.parse(0),
    read: () => 'a',
  })
  expect(await notes.look()).toEqual({ id: 'a', previous: null })
  await expect(notes.end()).resolves.toBeUndefined()
})
