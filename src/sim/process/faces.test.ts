import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWorld } from '../create-world.ts'
import { applyFault, mendFault } from '../faults/index.ts'
import { seconds } from '../../domain/units.ts'
import type { World } from '../world.ts'
import { createFaces, type Faces } from './faces.ts'
import type { Misbehaviour } from './misbehave.ts'
import { createSimulator, type Simulator } from './simulator.ts'

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
  trailers: NodeJS.Dict<string[]>
}

let world: World
let simulator: Simulator
let faces: Faces

beforeEach(async () => {
  world = createWorld({ pins: 30 })
  simulator = createSimulator({ world, save: () => undefined, realTime: undefined })
  faces = createFaces({
    simulator,
    knownPorts: {},
    report: (error) => {
      throw error
    },
  })
  await faces.reconcile()
})

afterEach(() => faces.close())

function ask(face: string, path: string, method = 'GET', signal?: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const port = faces.ports()[face]
    if (port === undefined) throw new Error(`no face ${face}`)
    const sent = request({ host: '127.0.0.1', port, path, method, ...(signal ? { signal } : {}) }, (response) => {
      text(response).then(
        (body) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            trailers: response.trailersDistinct,
          }),
        reject,
      )
    })
    sent.once('error', reject)
    sent.end()
  })
}

/** What a list says, one object a line. */
const lines = ({ body }: Answer): unknown[] =>
  body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown) // "as": JSON.parse gives anything.

const impatient = () => AbortSignal.timeout(150)

const misbehave = (mode: Misbehaviour | undefined) => faces.setMisbehaviour('n1/hot/peer', mode)

const aCid = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'

describe('the face of a Cluster peer', () => {
  it('streams its pinset as lines, and says in the trailer that it is whole', async () => {
    const answer = await ask('n1/hot/peer', '/allocations')
    expect(lines(answer)).toHaveLength(30)
    expect(answer.headers['trailer']).toBe('X-Stream-Error')
    expect(answer.trailers['x-stream-error']).toEqual([''])
  })

  it('answers an empty list with 204', async () => {
    expect(await ask('n1/hot/peer', '/pins?local=true&filter=pin_error')).toMatchObject({ status: 204, body: '' })
    expect(await ask('n1/hot/peer', '/health')).toMatchObject({ status: 204 })
  })

  it('filters by peer, knows composites, and refuses a filter of unknown names only', async () => {
    applyFault(world, 'pin-errors')
    expect(lines(await ask('n2/cold/peer', '/pins?local=true&filter=error'))).toHaveLength(3)
    expect(lines(await ask('n2/cold/peer', '/pins?local=true&filter=pin_error,nonsense'))).toHaveLength(3)
    expect(await ask('n2/cold/peer', '/pins?local=true&filter=nonsense')).toMatchObject({ status: 400 })
  })

  it('pins, shows the pin in its queue and then as pinned, and unpins', async () => {
    const added = await ask('n1/hot/peer', `/pins/${aCid}?name=new&replication=2&meta-a=b`, 'POST')
    expect(JSON.parse(added.body)).toMatchObject({ cid: aCid, replication_factor_min: 2, metadata: { a: 'b' } })
    const states = async () => {
      const { peer_map } = JSON.parse((await ask('n1/hot/peer', `/pins/${aCid}`)).body) as {
        peer_map: Record<string, { status: string }>
      } // "as": the shape is what this test is about.
      return new Set(Object.values(peer_map).map(({ status }) => status))
    }
    expect(await states()).toEqual(new Set(['pin_queued', 'remote']))
    simulator.advance(seconds(60))
    expect(await states()).toEqual(new Set(['pinned', 'remote']))
    expect(await ask('n1/hot/peer', `/pins/${aCid}`, 'DELETE')).toMatchObject({ status: 200 })
    expect(await states()).toEqual(new Set(['unpinned']))
    expect(await ask('n1/hot/peer', `/pins/${aCid}`, 'DELETE')).toMatchObject({ status: 404 })
    expect(world.effects.map(({ kind }) => kind)).toEqual(['pin added', 'pin removed'])
  })

  it('queues failed pins again when it is told to recover', async () => {
    applyFault(world, 'pin-errors')
    expect(lines(await ask('n2/cold/peer', '/pins/recover?local=true', 'POST'))).toHaveLength(3)
    expect(await ask('n2/cold/peer', '/pins?local=true&filter=pin_error')).toMatchObject({ status: 204 })
  })

  it('writes 64-bit integers to the last digit', async () => {
    const { body } = await ask('n1/hot/peer', '/monitor/metrics/ping')
    expect(body).toMatch(/"expire":\d{19},/)
    expect(await ask('n1/hot/peer', '/monitor/metrics/unknown')).toMatchObject({ status: 200, body: '[]\n' })
  })

  it('answers other paths and methods as the real one', async () => {
    expect(await ask('n1/hot/peer', '/nothing')).toMatchObject({
      status: 404,
      body: '{"code":404,"message":"not found"}\n',
    })
    expect(await ask('n1/hot/peer', '/id', 'PUT')).toMatchObject({ status: 405, body: '' })
    expect(await ask('n1/hot/peer', '/id/')).toMatchObject({ status: 307, headers: { location: '/id' } })
    expect(await ask('n1/hot/peer', '/pins/rubbish', 'POST')).toMatchObject({ status: 400 })
    expect(await ask('n1/hot/peer', `/pins/${aCid}?replication=20`, 'POST')).toMatchObject({ status: 500 })
    expect(world.effects).toEqual([])
  })
})

describe('the face of a Kubo', () => {
  it('takes POST only', async () => {
    expect(await ask('n1/hot/kubo', '/api/v0/id')).toMatchObject({ status: 405 })
    expect(JSON.parse((await ask('n1/hot/kubo', '/api/v0/id', 'POST')).body)).toMatchObject({
      ID: world.hosts[0]?.stores[0]?.kubo.id,
    })
  })

  it('pins past the Cluster, which never hears of it', async () => {
    const listed = async () => lines(await ask('n1/hot/kubo', '/api/v0/pin/ls?stream=true&type=recursive', 'POST'))
    const before = (await listed()).length
    await ask('n1/hot/kubo', `/api/v0/pin/add?arg=${aCid}`, 'POST')
    expect(await listed()).toHaveLength(before + 1)
    expect(await ask('n1/hot/peer', `/allocations/${aCid}`)).toMatchObject({ status: 404 })
    await ask('n1/hot/kubo', `/api/v0/pin/rm?arg=${aCid}`, 'POST')
    expect(await listed()).toHaveLength(before)
    expect(await ask('n1/hot/kubo', `/api/v0/pin/rm?arg=${aCid}`, 'POST')).toMatchObject({ status: 500 })
  })
})

describe('faces of daemons in trouble', () => {
  it('refuse while killed, and are back at the same port afterwards', async () => {
    const port = faces.ports()['n1/warm/kubo']
    applyFault(world, 'kubo-killed')
    await faces.reconcile()
    await expect(ask('n1/warm/kubo', '/api/v0/version', 'POST')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(await ask('n1/warm/peer', '/pins?local=true')).toMatchObject({ status: 500 })
    expect((await ask('n1/warm/peer', '/id')).body).toContain('connection refused')
    mendFault(world, 'kubo-killed')
    await faces.reconcile()
    expect(faces.ports()['n1/warm/kubo']).toBe(port)
    expect(await ask('n1/warm/kubo', '/api/v0/version', 'POST')).toMatchObject({ status: 200 })
  })

  it('take requests and say nothing while their pool is suspended', async () => {
    applyFault(world, 'pool-suspended')
    await faces.reconcile()
    await expect(ask('n3/hot/kubo', '/api/v0/version', 'POST', impatient())).rejects.toMatchObject({
      name: 'AbortError',
    })
    await expect(ask('n3/hot/peer', '/allocations', 'GET', impatient())).rejects.toMatchObject({ name: 'AbortError' })
    expect(await ask('n3/hot/peer', '/id')).toMatchObject({ status: 200 })
  })
})

describe('a face that misbehaves', () => {
  it('leaves all others alone, and behaves again when it is told to', async () => {
    expect(misbehave('html')).toBe(true)
    expect((await ask('n1/hot/peer', '/id')).headers['content-type']).toContain('text/html')
    expect((await ask('n1/warm/peer', '/id')).headers['content-type']).toBe('application/json')
    misbehave(undefined)
    expect((await ask('n1/hot/peer', '/id')).headers['content-type']).toBe('application/json')
    expect(faces.setMisbehaviour('n9/hot/peer', 'html')).toBe(false)
  })

  it('breaks off in the middle of a list', async () => {
    misbehave('half-list')
    await expect(ask('n1/hot/peer', '/allocations')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('ends a list early behind a status of 200, and says so only in the trailer', async () => {
    misbehave('error-trailer')
    const answer = await ask('n1/hot/peer', '/allocations')
    expect(answer.status).toBe(200)
    expect(lines(answer)).toHaveLength(15)
    expect(answer.trailers['x-stream-error']).toEqual(['', 'boom'])
  })

  it('never answers', async () => {
    misbehave('silent')
    await expect(ask('n1/hot/peer', '/id', 'GET', AbortSignal.timeout(150))).rejects.toMatchObject({
      name: 'AbortError',
    })
  })

  it('sends one line of 64 MiB', async () => {
    misbehave('huge-line')
    const { body } = await ask('n1/hot/peer', '/allocations')
    expect(body.length).toBeGreaterThan(64 * 2 ** 20)
    expect(body.indexOf('\n')).toBe(body.length - 1)
  })

  it('sends good items without end, and serves others meanwhile', async () => {
    misbehave('endless')
    let received = 0
    await new Promise<void>((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: faces.ports()['n1/hot/peer'], path: '/allocations' },
        (response) => {
          response.on('data', (chunk: Buffer) => {
            received += chunk.length
            if (received > 20_000_000) sent.destroy()
          })
          response.once('close', resolve)
        },
      )
      sent.once('error', reject)
      sent.end()
    })
    expect(received).toBeGreaterThan(20_000_000)
    expect(await ask('n2/hot/peer', '/id')).toMatchObject({ status: 200 })
  })

  it('lets the right answer drip', async () => {
    misbehave('drip')
    const first = await new Promise<string>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: faces.ports()['n1/hot/peer'], path: '/id' }, (response) => {
        response.once('data', (chunk: Buffer) => {
          resolve(chunk.toString())
          sent.destroy()
        })
      })
      sent.once('error', reject)
      sent.end()
    })
    expect(first).toBe('{')
  })
})
