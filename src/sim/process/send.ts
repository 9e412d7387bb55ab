import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Reply } from './reply.ts'

/**
 * Which daemon's manners. The Cluster announces the trailer `X-Stream-Error` on every list, and answers an empty one with
 * 204; Kubo sends the trailer with an error only, and an empty list is an empty body.
 */
export type Manners = 'cluster' | 'kubo'

/** Puts a reply on the wire as the real daemon does. */
export async function send(reply: Reply, response: ServerResponse, manners: Manners): Promise<void> {
  switch (reply.kind) {
    case 'nothing':
      response.writeHead(reply.status).end()
      return
    case 'redirect':
      response.writeHead(307, { location: reply.to }).end()
      return
    case 'value':
      response.writeHead(reply.status, valueHeaders[manners]).end(`${reply.json}\n`)
      return
    case 'text':
      response.writeHead(reply.status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${reply.text}\n`)
      return
    case 'list':
      await sendList(reply.lines(), response, manners)
      return
    case 'never':
      return
  }
}

/** Kubo streams its single values too, and announces the trailer that comes with an error. */
const valueHeaders = {
  cluster: { 'content-type': 'application/json' },
  kubo: { 'content-type': 'application/json', trailer: 'X-Stream-Error', 'transfer-encoding': 'chunked' },
}

/** More than a socket takes at once: each chunk waits for the reader, and others are served meanwhile. */
const chunkLength = 65_536

async function sendList(lines: Iterable<string>, response: ServerResponse, manners: Manners): Promise<void> {
  let isEmpty = true
  let held = ''
  for (const line of lines) {
    if (isEmpty) beginList(response, manners)
    isEmpty = false
    held += `${line}\n`
    if (held.length < chunkLength) continue
    if (!(await write(response, held))) return
    held = ''
  }
  if (isEmpty && manners === 'cluster') {
    // The real one announces the trailer here too; Node does not let us, since nothing follows.
    response.writeHead(204, { 'content-type': 'application/json' }).end()
    return
  }
  if (isEmpty) beginList(response, manners)
  if (held !== '' && !(await write(response, held))) return
  if (manners === 'cluster') response.addTrailers({ 'X-Stream-Error': '' })
  response.end()
}

export function beginList(response: ServerResponse, manners: Manners): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    trailer: 'X-Stream-Error',
    ...(manners === 'kubo' ? { 'x-chunked-output': '1' } : {}),
  })
}

/** Writes, and waits until there is room for more; false when the other side has gone. */
export async function write(response: ServerResponse, chunk: string | Buffer): Promise<boolean> {
  if (response.destroyed) return false
  if (response.write(chunk)) return true
  const gone = new AbortController()
  const onClose = () => gone.abort()
  response.once('close', onClose)
  try {
    await once(response, 'drain', { signal: gone.signal })
    return true
  } catch {
    return false
  } finally {
    response.off('close', onClose)
  }
}
