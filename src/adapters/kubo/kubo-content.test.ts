import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { ListEndedEarly, PeerAnswered, PeerRefused } from '../http/errors.ts'
import { serveOnLoopback } from '../http/loopback-server.ts'
import { replayOnLoopback } from '../http/replay-server.ts'
import { kuboContent } from './kubo-content.ts'

const recorded = (name: string) => join(import.meta.dirname, '../../../test/fixtures/kubo-0.43.0', `${name}.http`)

const listRequest = 'POST /api/v0/pin/ls?type=recursive&stream=true'
const selfAnswers = {
  'POST /api/v0/id': recorded('id'),
  'POST /api/v0/version': recorded('version'),
  'POST /api/v0/repo/stat?size-only=true': recorded('repo-stat'),
}

/** The pins of a Kubo that lists one and ends with the trailers given. */
async function listEndingWith(trailers: Record<string, string>): Promise<string[]> {
  await using server = await serveOnLoopback((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', trailer: 'X-Stream-Error' })
    response.write('{"Cid":"bafkqaaa","Type":"recursive"}\n')
    response.addTrailers(trailers)
    response.end()
  })
  const content = kuboContent({ url: server.url })
  try {
    return await Array.fromAsync(content.pins())
  } finally {
    await content.close()
  }
}

describe('answers recorded from Kubo 0.43.0', () => {
  test('dag/stat tells a whole pin, and the leaf that was taken out of the block store', async () => {
    const ask = 'POST /api/v0/dag/stat?arg=bafy&offline=true&progress=false'
    const walked = async (name: string) => {
      await using server = await replayOnLoopback({ [ask]: recorded(name) })
      const content = kuboContent({ url: server.url })
      try {
        return await content.complete('bafy')
      } finally {
        await content.close()
      }
    }
    expect(await walked('dag-stat')).toEqual({ state: 'complete', blocks: 4 })
    expect(await walked('dag-stat-missing')).toEqual({
      state: 'incomplete',
      missing: 'bafkreiayunivyjxsmue3st4e4exmnmxn32z4u4tamq7wcdh3lyk65oosze',
    })
    // Any other error says nothing of blocks.
    await expect(walked('bad-type')).rejects.toThrow(PeerAnswered)
  })

  test('id, version and repo/stat are the Kubo itself', async () => {
    await using server = await replayOnLoopback(selfAnswers)
    const content = kuboContent({ url: server.url })
    expect(await content.self()).toEqual({
      id: '12D3KooWR2nABiVBZ3QC1ogmAKbAK9nHmutXdJywyBpXYKn1fXcR',
      version: '0.43.0',
      addresses: ['/ip4/127.0.0.1/tcp/47102/p2p/12D3KooWR2nABiVBZ3QC1ogmAKbAK9nHmutXdJywyBpXYKn1fXcR'],
      repoSize: expect.any(Number),
      storageMax: 10_000_000_000,
    })
    await content.close()
  })

  test('a repository without StorageMax has none', async () => {
    await using server = await replayOnLoopback({
      ...selfAnswers,
      'POST /api/v0/repo/stat?size-only=true': recorded('repo-stat-no-limit'),
    })
    const content = kuboContent({ url: server.url })
    expect((await content.self()).storageMax).toBeNull()
    await content.close()
  })

  test('config is asked section by section, and what is not set is absent', async () => {
    await using server = await replayOnLoopback({
      'POST /api/v0/config?arg=Addresses': recorded('config-addresses'),
      'POST /api/v0/config?arg=Provide.Strategy': recorded('config-absent'),
      'POST /api/v0/config?arg=Reprovider.Strategy': recorded('config-absent'),
    })
    const content = kuboContent({ url: server.url })
    expect(await content.settings()).toEqual({
      api: ['/ip4/127.0.0.1/tcp/25100'],
      gateway: ['/ip4/127.0.0.1/tcp/25110'],
      provideStrategy: null,
    })
    await content.close()
  })

  test('another error than an absent setting is no absent setting', async () => {
    await using server = await replayOnLoopback({
      'POST /api/v0/config?arg=Addresses': recorded('config-addresses'),
      'POST /api/v0/config?arg=Provide.Strategy': recorded('bad-type'),
      'POST /api/v0/config?arg=Reprovider.Strategy': recorded('config-absent'),
    })
    const content = kuboContent({ url: server.url })
    await expect(content.settings()).rejects.toThrow('invalid type')
    await content.close()
  })

  test('pin/ls is the recursive pins, or none', async () => {
    await using server = await replayOnLoopback({ [listRequest]: recorded('pin-ls') })
    const content = kuboContent({ url: server.url })
    expect(await Array.fromAsync(content.pins())).toEqual([
      'bafkqaaa',
      'bafkqabtimvwgy3yk',
      'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn',
    ])
    await content.close()
    await using empty = await replayOnLoopback({ [listRequest]: recorded('pin-ls-none') })
    const other = kuboContent({ url: empty.url })
    expect(await Array.fromAsync(other.pins())).toEqual([])
    await other.close()
  })

  test.each([
    { name: 'bad-type', kind: PeerAnswered, says: 'invalid type' },
    { name: 'bad-path', kind: PeerAnswered, says: '404 page not found' },
    { name: 'bad-method', kind: PeerAnswered, says: '405 - Method Not Allowed' },
    { name: 'bad-origin', kind: PeerRefused, says: 'HTTP 403' },
  ])('$name is an error in Kubo’s words', async ({ name, kind, says }) => {
    await using server = await replayOnLoopback({ [listRequest]: recorded(name) })
    const content = kuboContent({ url: server.url })
    const error: unknown = await Array.fromAsync(content.pins()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(kind)
    expect(error).toMatchObject({ message: expect.stringContaining(says) })
    await content.close()
  })
})

describe('a Kubo in trouble', () => {
  test('a list that ends without a trailer has ended well', async () => {
    expect(await listEndingWith({})).toEqual(['bafkqaaa'])
  })

  test('a list that ends with an error in its trailer is an error', async () => {
    await expect(listEndingWith({ 'X-Stream-Error': 'context deadline exceeded' })).rejects.toThrow(ListEndedEarly)
  })

  test('the list of old, in one object, is refused', async () => {
    await using server = await serveOnLoopback((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"Keys":{}}\n')
    })
    const content = kuboContent({ url: server.url })
    await expect(Array.fromAsync(content.pins())).rejects.toThrow(UnexpectedOutput)
    await content.close()
  })
})
