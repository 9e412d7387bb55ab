import type { RequestListener, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { milliseconds } from '../../domain/units.ts'
import { ListEndedEarly, PeerAnswered, PeerSilent, PeerUnreachable } from './errors.ts'
import { type Dialect, type HttpLimits, openHttpApi } from './http-api.ts'
import { serveOnLoopback } from './loopback-server.ts'

const dialect: Dialect = { endTrailer: 'always', says: (body) => (body.startsWith('!') ? body.slice(1) : undefined) }

const impatient = {
  valueWithin: milliseconds(300),
  firstItemWithin: milliseconds(300),
  nextItemWithin: milliseconds(300),
}

const json = { 'content-type': 'application/json' }
const listHeaders = { ...json, trailer: 'X-Stream-Error' }

/** A list that goes well. */
function sendList(response: ServerResponse, text: string): void {
  response.writeHead(200, listHeaders)
  response.write(text)
  response.addTrailers({ 'X-Stream-Error': '' })
  response.end()
}

async function collect(items: AsyncIterable<string>): Promise<{ items: string[]; error: unknown }> {
  const seen: string[] = []
  try {
    for await (const item of items) seen.push(item)
  } catch (error) {
    return { items: seen, error }
  }
  return { items: seen, error: undefined }
}

/** Asks for a list and for a value, of a peer that does as `listener` says, with the limits given. */
async function ask(
  listener: RequestListener,
  { signal, ...limits }: Partial<HttpLimits> & { signal?: AbortSignal } = {},
) {
  await using server = await serveOnLoopback(listener)
  const http = openHttpApi({ url: server.url }, dialect, limits)
  try {
    const list = await collect(http.list({ method: 'GET', path: '/list' }, (line) => line, signal))
    const value = await http
      .value({ method: 'GET', path: '/value' }, (text) => ({ text }), signal)
      .catch((error: unknown) => ({ error }))
    return { list, value }
  } finally {
    await http.close()
  }
}

describe('a list', () => {
  test('gives every item, and ends', async () => {
    const { list } = await ask((_request, response) => sendList(response, '1\n2\n3\n'))
    expect(list).toEqual({ items: ['1', '2', '3'], error: undefined })
  })

  test('is empty when the answer is 204', async () => {
    const { list, value } = await ask((_request, response) => response.writeHead(204).end())
    expect(list).toEqual({ items: [], error: undefined })
    expect(value).toEqual({ text: undefined })
  })

  test('that breaks off in the middle is an error, after what came', async () => {
    const { list } = await ask((_request, response) => {
      response.writeHead(200, listHeaders)
      response.write('1\n2\n', () => response.destroy())
    })
    expect(list.items).toEqual(['1', '2'])
    expect(list.error).toBeInstanceOf(ListEndedEarly)
  })

  test.each([
    {
      what: 'twice, as Go writes it',
      trailers: [
        ['X-Stream-Error', ''],
        ['X-Stream-Error', 'boom'],
      ],
    },
    { what: 'once', trailers: [['X-Stream-Error', 'boom']] },
    { what: 'joined, as a proxy may', trailers: [['X-Stream-Error', ', boom']] },
  ] as { what: string; trailers: [string, string][] }[])(
    'that ends with an error in the trailer is an error: $what',
    async ({ trailers }) => {
      const { list } = await ask((_request, response) => {
        response.writeHead(200, listHeaders)
        response.write('1\n')
        response.addTrailers(trailers)
        response.end()
      })
      expect(list.items).toEqual(['1'])
      expect(list.error).toBeInstanceOf(ListEndedEarly)
      expect(list.error).toMatchObject({ trailer: 'boom', remedy: 'retry' })
    },
  )

  test('without its trailer is not taken for whole', async () => {
    const { list } = await ask((_request, response) => response.writeHead(200, json).end('1\n'))
    expect(list.error).toMatchObject({ message: expect.stringContaining('without the trailer') })
  })

  test('that ends in the middle of an item, though properly, is an error', async () => {
    const { list } = await ask((_request, response) => sendList(response, '{"a":1}\n{"a":'))
    expect(list.items).toEqual(['{"a":1}'])
    expect(list.error).toBeInstanceOf(ListEndedEarly)
  })

  test('whose item is too long is refused before it is held', async () => {
    const { list } = await ask(
      (_request, response) => {
        response.writeHead(200, listHeaders)
        writeForever(response, 'x'.repeat(64 * 1024))
      },
      { lineBytes: 256 * 1024 },
    )
    expect(list.error).toBeInstanceOf(UnexpectedOutput)
    expect(list.error).toMatchObject({ message: expect.stringContaining('longer than') })
  })

  test('that falls silent after an item is an error', async () => {
    const { list } = await ask((_request, response) => {
      response.writeHead(200, listHeaders)
      response.write('1\n')
    }, impatient)
    expect(list.items).toEqual(['1'])
    expect(list.error).toBeInstanceOf(ListEndedEarly)
  })

  test('that drips bytes without ending an item is as late as one that is silent', async () => {
    const { list, value } = await ask((_request, response) => {
      response.writeHead(200, listHeaders)
      response.write('1\n')
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    }, impatient)
    expect(list.error).toBeInstanceOf(ListEndedEarly)
    expect('error' in value && value.error).toBeInstanceOf(PeerSilent)
  })

  test('may take longer than the deadline of one item, if items keep coming', async () => {
    const { list } = await ask((_request, response) => {
      response.writeHead(200, listHeaders)
      let count = 0
      const slowly = setInterval(() => {
        count += 1
        response.write(`${count}\n`)
        if (count < 8) return
        clearInterval(slowly)
        response.addTrailers({ 'X-Stream-Error': '' })
        response.end()
      }, 80)
    }, impatient)
    expect(list).toEqual({ items: ['1', '2', '3', '4', '5', '6', '7', '8'], error: undefined })
  })

  test('does not count the time that the consumer takes', async () => {
    await using server = await serveOnLoopback((_request, response) => sendList(response, '1\n2\n'))
    const http = openHttpApi({ url: server.url }, dialect, impatient)
    const seen: string[] = []
    for await (const item of http.list({ method: 'GET', path: '/' }, (line) => line)) {
      seen.push(item)
      await new Promise((resolve) => setTimeout(resolve, 400))
    }
    expect(seen).toEqual(['1', '2'])
    await http.close()
  })

  test('is cut off at the peer when the consumer leaves early, and the next request works', async () => {
    const { promise: whenClosed, resolve: closed } = Promise.withResolvers<void>()
    await using server = await serveOnLoopback((request, response) => {
      if (request.url !== '/endless') return sendList(response, '1\n')
      response.on('close', () => closed())
      response.writeHead(200, listHeaders)
      writeForever(response, '1\n'.repeat(1000))
    })
    const http = openHttpApi({ url: server.url }, dialect)
    for await (const item of http.list({ method: 'GET', path: '/endless' }, (line) => line)) {
      expect(item).toBe('1')
      break
    }
    await whenClosed
    expect(await collect(http.list({ method: 'GET', path: '/' }, (line) => line))).toMatchObject({ items: ['1'] })
    await http.close()
  })

  test('is not read ahead of its consumer without bound', async () => {
    let written = 0
    await using server = await serveOnLoopback((_request, response) => {
      response.writeHead(200, listHeaders)
      writeForever(response, `${'x'.repeat(1023)}\n`, (bytes) => {
        written += bytes
      })
    })
    const http = openHttpApi({ url: server.url }, dialect)
    const items = http.list({ method: 'GET', path: '/' }, (line) => line)
    await items.next()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const early = written
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(written).toBe(early)
    await items.return()
    await http.close()
  })
})

describe('any answer', () => {
  test('in HTML is refused with its text', async () => {
    const html = '<html><body>It works!</body></html>'
    const { list, value } = await ask((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html)
    })
    for (const error of [list.error, 'error' in value && value.error]) {
      expect(error).toBeInstanceOf(UnexpectedOutput)
      expect(error).toMatchObject({ raw: html, message: expect.stringContaining('text/html') })
    }
  })

  test('that never comes ends at its deadline', async () => {
    const { list, value } = await ask(() => undefined, impatient)
    expect(list.error).toBeInstanceOf(PeerSilent)
    expect('error' in value && value.error).toBeInstanceOf(PeerSilent)
  })

  test('that is larger than allowed is refused before it is held', async () => {
    const { value } = await ask(
      (_request, response) => {
        response.writeHead(200, json)
        writeForever(response, 'x'.repeat(64 * 1024))
      },
      { valueBytes: 256 * 1024, lineBytes: 256 * 1024 },
    )
    expect('error' in value && value.error).toBeInstanceOf(UnexpectedOutput)
    expect(value).toMatchObject({ error: { message: expect.stringContaining('more than 262144 bytes') } })
  })

  test('that redirects is refused, and not followed', async () => {
    await using other = await serveOnLoopback((_request, response) => sendList(response, '1\n'))
    const { list } = await ask((_request, response) => response.writeHead(307, { location: other.url }).end())
    expect(list.error).toBeInstanceOf(UnexpectedOutput)
    expect(list.error).toMatchObject({ message: expect.stringContaining(other.url) })
    expect(other.requests).toEqual([])
  })

  test('that is an error of the peer says what the peer says', async () => {
    const { list, value } = await ask((_request, response) => response.writeHead(500, json).end('!no such thing'))
    expect(list.error).toBeInstanceOf(PeerAnswered)
    expect(value).toMatchObject({ error: { status: 500, answer: 'no such thing', remedy: 'retry' } })
  })

  test('that is an error in no known form is refused with its text', async () => {
    const { value } = await ask((_request, response) => {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>')
    })
    expect('error' in value && value.error).toBeInstanceOf(UnexpectedOutput)
    expect(value).toMatchObject({ error: { raw: '<h1>Bad Gateway</h1>' } })
  })

  test('of which half came is an error', async () => {
    const { value } = await ask((_request, response) => {
      response.writeHead(200, { ...json, 'content-length': '100' })
      response.write('{', () => response.destroy())
    })
    expect('error' in value && value.error).toBeInstanceOf(PeerUnreachable)
  })

  test('is cut off when the signal is aborted, with its reason', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const { list, value } = await ask(
      (_request, response) => {
        response.writeHead(200, listHeaders)
        response.write('1\n', () => controller.abort(reason))
      },
      { signal: controller.signal },
    )
    expect(list.error).toBe(reason)
    expect('error' in value && value.error).toBe(reason)
  })
})

/** Writes until the other side has gone, no faster than it reads. */
function writeForever(response: ServerResponse, text: string, wrote: (bytes: number) => void = () => undefined): void {
  const more = () => {
    while (!response.destroyed) {
      wrote(text.length)
      if (!response.write(text)) break
    }
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}
