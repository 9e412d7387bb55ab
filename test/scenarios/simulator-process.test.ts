import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { json, text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

const main = join(import.meta.dirname, '../../src/sim/process/main.ts')

const Effects = z.object({ count: z.int(), effects: z.array(z.object({ sequence: z.int(), subject: z.string() })) })
const WorldSummary = z.object({
  seed: z.int(),
  now: z.number(),
  faults: z.array(z.string()),
  pins: z.int(),
  hosts: z.array(
    z.object({
      name: z.string(),
      stores: z.array(
        z.object({ name: z.string(), peer: z.object({ url: z.string() }), kubo: z.object({ url: z.string() }) }),
      ),
    }),
  ),
})

let folder: string
let socket: string
let state: string
const running = new Set<ChildProcess>()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-sim-'))
  socket = join(folder, 'sim.sock')
  state = join(folder, 'state.json')
})

afterEach(async () => {
  for (const child of running) await end(child, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Starts the simulator; it has said that it is ready when this returns. */
async function start(...more: string[]): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [main, '--socket', socket, '--state', state, '--clock', 'manual', '--pins', '30', ...more],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  running.add(child)
  for await (const line of createInterface({ input: child.stdout })) {
    expect(JSON.parse(line)).toMatchObject({ ready: true, socket })
    return child
  }
  throw new Error('the simulator ended before it was ready')
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  running.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
  return child.exitCode
}

/** One request to the control socket. */
function control(method: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socket, method, path }, (response) => {
      json(response).then(resolve, reject)
    })
    sent.once('error', reject)
    sent.end()
  })
}

function post(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST' }, (response) => {
      text(response).then(() => resolve(response.statusCode ?? 0), reject)
    })
    sent.once('error', reject)
    sent.end()
  })
}

/** Runs it with arguments that it does not take, and waits for its end. */
const refused = async (...args: string[]) => {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const said = text(child.stderr)
  await once(child, 'exit')
  return { code: child.exitCode, said: await said }
}

const effects = async () => Effects.parse(await control('GET', '/effects'))
const world = async () => WorldSummary.parse(await control('GET', '/world'))

/** 26 CIDs that are not in the world. */
const cids = Array.from({ length: 26 }, (_, index) => {
  return `bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbz${String.fromCharCode(97 + index)}i`
})

// Each of them starts Node several times, which takes seconds on a busy machine.
describe('the simulator as a process', { timeout: 60_000 }, () => {
  it('is driven over its socket, and ends cleanly when told to', async () => {
    const child = await start('--seed', '5')
    expect(await world()).toMatchObject({ seed: 5, faults: [] })
    expect(await control('POST', '/faults/kubo-killed')).toMatchObject({
      effect: { sequence: 1, subject: 'kubo-killed' },
    })
    expect(await control('POST', '/faults/kubo-killed')).toEqual({ effect: null })
    expect(await world()).toMatchObject({ faults: ['kubo-killed'] })
    expect(await control('POST', '/faults/gremlins')).toMatchObject({ error: expect.stringContaining('kubo-killed') })
    const before = (await world()).now
    await control('POST', '/advance?by=90s')
    expect((await world()).now - before).toBe(90_000)
    expect(await control('POST', '/advance?by=soon')).toMatchObject({ error: expect.stringContaining('duration') })
    expect(await control('PUT', '/misbehave/n1/hot/peer?mode=rude')).toMatchObject({
      error: expect.stringContaining('html'),
    })
    expect(await end(child, 'SIGTERM')).toBe(0)
    expect(existsSync(socket)).toBe(false)
  })

  it('splits a cluster, takes changes on both sides, and heals it', async () => {
    await start('--seed', '5')
    const [here = '', , , there = ''] = (await world()).hosts.flatMap(({ stores }) =>
      stores.map(({ peer }) => peer.url),
    )
    const [cid = ''] = cids
    const statusAt = async (url: string) => (await fetch(`${url}/allocations/${cid}`)).status
    expect(await control('POST', '/clusters/main/split?apart=n9/hot')).toMatchObject({
      error: expect.stringContaining('n9'),
    })
    expect(await control('POST', '/clusters/main/split?apart=n1/hot,n1/warm,n1/cold')).toMatchObject({
      split: { sides: [{ peers: expect.any(Array) }, { peers: expect.any(Array) }] },
    })
    expect(await post(`${here}/pins/${cid}?replication=1`)).toBe(200)
    expect([await statusAt(here), await statusAt(there)]).toEqual([200, 404])
    expect(await control('DELETE', '/clusters/main/split')).toEqual({ split: null })
    expect([await statusAt(here), await statusAt(there)]).toEqual([200, 200])
  })

  it('goes on where it was: the same world, the same ports', async () => {
    await end(await start('--seed', '5'), 'SIGTERM')
    const first = await start()
    await control('POST', '/faults/pool-suspended')
    await control('POST', '/advance?by=1h')
    const before = await world()
    await end(first, 'SIGTERM')
    await start()
    expect(await world()).toEqual(before)
  })

  it('keeps every answered effect over a kill, each once, and no half of one', async () => {
    let answered: string[] = []
    for (let round = 0; round < 4; round += 1) {
      const child = await start()
      const { hosts, pins } = await world()
      const url = hosts[0]?.stores[0]?.peer.url ?? ''
      const already = await effects()
      // What was being done when it died is there, whole, or not at all; what was answered is there.
      const subjects = already.effects.map(({ subject }) => subject)
      expect(subjects.slice(0, answered.length)).toEqual(answered)
      expect(subjects.length - answered.length).toBeLessThanOrEqual(1)
      expect(pins).toBe(30 + subjects.length)
      expect(new Set(subjects).size).toBe(subjects.length)
      expect(already.effects.map(({ sequence }) => sequence)).toEqual(subjects.map((_, index) => index + 1))
      answered = subjects
      // A few are answered; the next one is under way when the kill comes, a little later each time.
      const [first = '', second = '', last = ''] = cids.slice(answered.length)
      for (const cid of [first, second]) {
        expect(await post(`${url}/pins/${cid}?replication=2`)).toBe(200)
        answered.push(cid)
      }
      const underWay = post(`${url}/pins/${last}?replication=2`).catch(() => 0)
      await pause(round * 2)
      await end(child, 'SIGKILL')
      if ((await underWay) === 200) answered.push(last)
    }
    expect(answered.length).toBeGreaterThanOrEqual(8)
  })

  it('ends when its parent closes the pipe, if it was told so', async () => {
    const child = await start('--with-parent')
    const gone = once(child, 'exit')
    child.stdin?.end()
    expect(await gone).toEqual([0, null])
    running.delete(child)
  })

  it('refuses what it cannot do, in words', async () => {
    expect(await refused('--socket', socket)).toMatchObject({ code: 2, said: expect.stringContaining('--state') })
    expect(await refused('--socket', socket, '--state', state, '--bogus')).toMatchObject({ code: 2 })
    writeFileSync(state, '{"world": 3}')
    expect(await refused('--socket', socket, '--state', state)).toMatchObject({
      code: 1,
      said: expect.stringContaining('is not the state of a simulator'),
    })
    expect(readFileSync(state, 'utf8')).toBe('{"world": 3}')
    rmSync(state)
    await start('--seed', '5')
    expect(await refused('--socket', socket, '--state', state)).toMatchObject({
      code: 2,
      said: expect.stringContaining('already served'),
    })
  })
})
