import type { ChildProcess } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ControllerBench, ended, patience } from './controller-bench.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })

const bench = new ControllerBench()
const at = (name: string): string => bench.at(name)
const tiercel = (...args: string[]) => bench.tiercel(...args)
const sqlite = (store: string): string => `{ sqlite: ${at(`${store}/store.sqlite`)} }`
let controller: ChildProcess

beforeAll(async () => {
  await bench.startAgent()
  bench.controllerFile('first', sqlite('first-store'))
  controller = await bench.startController('first')
})

afterAll(() => bench.remove())

test('the first start makes the first token, for its user alone, and no log tells it', () => {
  expect(statSync(at('admin.token')).mode & 0o777).toBe(0o600)
  const token = readFileSync(at('admin.token'), 'utf8').trim()
  expect(token.length).toBeGreaterThan(40)
  expect(bench.logs.join('')).not.toContain(token)
  expect(readFileSync(at('first-store/store.sqlite')).includes(token)).toBe(false)
})

test('a plan says what would be done, and does nothing', () => {
  const planned = tiercel('plan', 'practice', '--host', 'n1')
  expect(planned.stdout).toContain('It can start.')
  expect(planned.status).toBe(0)
  expect(tiercel('runs', 'list').stdout).toContain('no runs')
  const wrong = tiercel('plan', 'practice', '--host', 'n11')
  expect(wrong.stderr).toContain('did you mean n1?')
  expect(wrong.status).toBe(2)
})

test('without a controller it is planned over the agents; to run, it is said what is missing', () => {
  const planned = tiercel('plan', 'practice', '--host', 'n1', '--controller', 'none')
  expect(planned.stdout).toContain('It can start.')
  const run = tiercel('run', 'practice', '--host', 'n1', '--yes', '--controller', 'none')
  expect(run.status).toBe(2)
  expect(run.stderr).toContain('tiercel controller run')
})

test('a run whose controller is killed goes on when it is back, and does nothing twice', async () => {
  const id = bench.begin('--seconds', '4', '--mark', 'killed')
  await expect.poll(() => bench.stateOf(id), patience).toBe('running')
  controller.kill('SIGKILL')
  await ended(controller)
  controller = await bench.startController('first')
  await expect.poll(() => bench.stateOf(id), patience).toBe('succeeded')
  expect(tiercel('locks').stdout).toContain('nothing is held')
  const undone = tiercel('runs', 'undo', id, '--yes')
  expect(undone.stdout).toContain('undone')
  expect(undone.status).toBe(0)
})

test('a run is completed, with what it is; and nobody waits for a controller that is not there', async () => {
  const newest = await bench.asked(async (client) => (await client.ask('runs')).runs[0])
  const told = tiercel('complete', 'words', 'runs', 'show', newest?.id.slice(0, 12) ?? '?').stdout
  expect(told).toContain(`${newest?.id}\t`)
  const away = bench.tiercelWith({ TIERCEL_CONTROLLER: at('nobody.sock') }, 'complete', 'words', 'runs', 'show', '')
  expect(away).toMatchObject({ status: 0, stdout: '', stderr: '' })
  const named = ['complete', 'words', '--', 'runs', 'show', '--controller', at('first.sock'), '']
  expect(bench.tiercelWith({ TIERCEL_CONTROLLER: at('nobody.sock') }, ...named).stdout).toContain(`${newest?.id}\t`)
})

test('who changed what is told, and that it is as it was written', () => {
  const told = tiercel('audit', '--limit', '2')
  expect(told.stdout).toContain('POST /v1/runs')
  expect(told.stdout).toContain('older ones: tiercel audit --before')
  const { entries, next } = JSON.parse(tiercel('audit', '--limit', '1', '--json').stdout) as {
    entries: { sequence: number; hash: string }[]
    next: number
  }
  expect(next).toBe(entries[0]?.sequence)
  const verified = tiercel('audit', '--verify')
  expect(verified.stdout).toContain(`${next} entries, each as it was written; hash of the newest: ${entries[0]?.hash}`)
  expect(verified.status).toBe(0)
  expect(tiercel('audit', '--before', '0').stderr).toContain('from 1')
  const file = at('audit.jsonl')
  writeFileSync(file, tiercel('audit', 'export').stdout)
  const exported = tiercel('audit', 'verify-export', file)
  expect(exported.stdout).toContain(
    `entries 1 to ${next}, each as it was written; hash of the newest: ${entries[0]?.hash}`,
  )
  writeFileSync(file, readFileSync(file, 'utf8').replace('"who":"', '"who":"x'))
  expect(tiercel('audit', 'verify-export', file)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('jsonl:2'),
  })
})

test('Ctrl-C ends the following only, and says how to return', async () => {
  const id = bench.begin('--seconds', '6', '--mark', 'left-alone')
  let said = ''
  const follower = bench.follow((text) => (said += text), 'runs', 'watch', id)
  await expect.poll(() => said, patience).toContain('begun')
  follower.kill('SIGINT')
  await ended(follower)
  expect(said).toContain(`tiercel runs watch ${id}`)
  await expect.poll(() => bench.stateOf(id), patience).toBe('succeeded')
})

test('a second controller is refused by the agent: it says so, and starts nothing', async () => {
  bench.controllerFile('second', sqlite('second-store'))
  const second = await bench.startController('second')
  await expect.poll(() => bench.logs.join(''), patience).toContain('changes nothing: n1')
  const asSecond = ['--controller', at('second.sock'), '--mark', 'stolen']
  const refused = tiercel('run', 'practice', '--host', 'n1', '--yes', '--detach', ...asSecond)
  expect(refused.stderr).toContain('this controller changes nothing')
  expect(refused.status).toBe(2)
  second.kill('SIGTERM')
  await ended(second)
})

test('a copy of the store changes nothing until it takes over by name; then the older one is refused', async () => {
  expect(tiercel('controller', 'backup', at('yesterday.sqlite'), '--config', at('first.yaml')).status).toBe(0)
  bench.begin('--seconds', '1', '--mark', 'after-the-copy')
  mkdirSync(at('third-store'), { mode: 0o700 })
  copyFileSync(at('yesterday.sqlite'), at('third-store/store.sqlite'))
  const file = bench.controllerFile('third', sqlite('third-store'))
  const third = await bench.startController('third')
  const back = tiercel('run', 'practice', '--host', 'n1', '--yes', '--mark', 'copy', '--controller', at('third.sock'))
  expect(back.stderr).toContain('copy')
  expect(back.status).toBe(2)
  const taken = tiercel('controller', 'take-over', '--config', file)
  expect(taken.stdout).toContain('n1: obeys')
  const done = tiercel(
    'run',
    'practice',
    '--host',
    'n1',
    '--yes',
    '--seconds',
    '1',
    '--mark',
    'taken',
    '--controller',
    at('third.sock'),
  )
  expect(done.status).toBe(0)
  // The older one begins it and is refused by the agent, or has noticed before.
  tiercel('run', 'practice', '--host', 'n1', '--yes', '--detach', '--seconds', '1', '--mark', 'older')
  await expect
    .poll(async () => (await bench.asked(async (client) => client.ask('whoami'))).standsBack ?? '', patience)
    .toMatch(/^n1(:| obeys)/)
  const again = tiercel('run', 'practice', '--host', 'n1', '--yes', '--detach', '--mark', 'older')
  expect(again.stderr).toContain('this controller changes nothing')
  expect(again.status).toBe(2)
  expect(readdirSync(at('operations'), { recursive: true }).join()).not.toContain('older')
  third.kill('SIGTERM')
  await ended(third)
})

test('a controller that is told to end goes at once', async () => {
  controller.kill('SIGTERM')
  await ended(controller)
  expect(controller.exitCode).toBe(0)
})
