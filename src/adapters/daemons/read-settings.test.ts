import { expect, test } from 'vitest'
import { NotPermitted, UnexpectedOutput } from '../../domain/errors.ts'
import type { Executor } from '../agent/executor-client.ts'
import { CommandFailed, type Exec } from '../system/exec.ts'
import { settingsReader } from './read-settings.ts'

const printed = JSON.stringify({
  consensus: 'crdt',
  disableRepinning: true,
  trustedPeers: [],
  allocateBy: [],
  listens: { restApi: [], ipfsProxy: [], pinningApi: [] },
})
const never: Exec = () => Promise.reject(new Error('no program is needed'))
const unasked = () => Promise.reject(new Error('not asked for'))
const executor: Executor = {
  version: unasked,
  poolStatus: unasked,
  scanSetups: unasked,
  zpoolEvents: unasked,
  kernelLog: unasked,
  smart: unasked,
  clusterSettings: async ({ store }) => (store === 'hot' ? printed : 'gibberish'),
}

test('with an executor, it is asked by the name of the store', async () => {
  const read = settingsReader({ exec: never, executor, isRoot: false })
  expect(await read('hot', '/hot/cluster')).toMatchObject({ consensus: 'crdt' })
  await expect(read('cold', '/cold/cluster')).rejects.toBeInstanceOf(UnexpectedOutput)
})

test('without one, a process of our own reads the folder', async () => {
  const commands: string[][] = []
  const exec: Exec = async (file, args) => {
    commands.push([file, ...args])
    return printed
  }
  expect(await settingsReader({ exec, executor, isRoot: true })('hot', '/hot/cluster')).toMatchObject({
    trustedPeers: [],
  })
  expect(commands).toEqual([
    [process.execPath, expect.stringMatching(/main\.ts$/), 'executor', 'read-settings', '--', '/hot/cluster'],
  ])
})

test('a file that may not be read is a missing right', async () => {
  const outcome = { file: 'node', args: [], exitCode: 2, stdout: '', stderr: 'service.json cannot be opened (EACCES)' }
  const exec: Exec = () => Promise.reject(new CommandFailed(outcome, 'exited 2'))
  const read = settingsReader({ exec, executor: undefined, isRoot: false })
  await expect(read('hot', '/hot/cluster')).rejects.toBeInstanceOf(NotPermitted)
})
