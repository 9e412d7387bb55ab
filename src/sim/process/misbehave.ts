import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Reply } from './reply.ts'
import { beginList, type Manners, send, write } from './send.ts'

/** How a face can be made to answer, for tests of real clients against bad input. */
export const Misbehaviour = z.enum([
  'html', // somebody else's web page, with status 200
  'half-list', // the connection breaks in the middle
  'error-trailer', // half of the list, then an error in the trailer, behind a status of 200
  'endless', // 10 GB of items, each of them good
  'silent', // the request is taken, and never answered
  'drip', // the right answer, a byte a second
  'huge-line', // one item of 64 MiB
])
export type Misbehaviour = z.infer<typeof Misbehaviour>

const endlessBytes = 10e9
const hugeBytes = 64 * 2 ** 20

/** Puts a reply on the wire in a way that no client should have to bear. */
export async function sendBadly(
  mode: Misbehaviour,
  reply: Reply,
  response: ServerResponse,
  manners: Manners,
): Promise<void> {
  const lines = linesOf(reply)
  switch (mode) {
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      response.end('<!doctype html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n')
      return
    case 'half-list':
      beginBody(reply, response, manners)
      await write(response, half(lines))
      // The written half must leave first: the break is in the body, not before it.
      await pause(20)
      response.destroy()
      return
    case 'error-trailer':
      await sendWithErrorTrailer(reply, response, manners)
      return
    case 'endless':
      await sendEndless(lines, response, manners)
      return
    case 'silent':
      return
    case 'drip':
      beginBody(reply, response, manners)
      for (const byte of Buffer.from(lines.map((line) => `${line}\n`).join(''))) {
        if (!(await write(response, Buffer.of(byte)))) return
        await pause(1000)
      }
      response.end()
      return
    case 'huge-line':
      await sendHugeLine(lines, response, manners)
      return
  }
}

function linesOf(reply: Reply): string[] {
  if (reply.kind === 'list') return [...reply.lines()]
  return reply.kind === 'value' ? [reply.json] : ['{}']
}

function beginBody(reply: Reply, response: ServerResponse, manners: Manners): void {
  if (reply.kind === 'list') beginList(response, manners)
  else response.writeHead(200, { 'content-type': 'application/json' })
}

/** Whole lines first, then one that is cut: also a list of one ends early. */
function half(lines: readonly string[]): string {
  const text = lines.map((line) => `${line}\n`).join('')
  return text.slice(0, Math.max(1, Math.floor(text.length / 2)))
}

async function sendWithErrorTrailer(reply: Reply, response: ServerResponse, manners: Manners): Promise<void> {
  if (reply.kind !== 'list') {
    const error = manners === 'cluster' ? { code: 500, message: 'boom' } : { Message: 'boom', Code: 0, Type: 'error' }
    await send({ kind: 'value', status: 500, json: JSON.stringify(error) }, response, manners)
    return
  }
  const lines = [...reply.lines()]
  beginList(response, manners)
  for (const line of lines.slice(0, Math.ceil(lines.length / 2))) {
    if (!(await write(response, `${line}\n`))) return
  }
  // The real Cluster repeats the trailer: first empty, then with the error (measured on 1.1.6).
  response.addTrailers([
    ['X-Stream-Error', ''],
    ['X-Stream-Error', 'boom'],
  ])
  response.end()
}

async function sendEndless(lines: readonly string[], response: ServerResponse, manners: Manners): Promise<void> {
  const items = lines.length === 0 ? ['{}'] : lines
  const chunk = Buffer.from(`${items.join('\n')}\n`.repeat(Math.max(1, Math.ceil(65_536 / items.join('\n').length))))
  beginList(response, manners)
  for (let sent = 0; sent < endlessBytes; sent += chunk.length) {
    if (!(await write(response, chunk))) return
    // Writing to a fast reader never waits; other requests have to be served meanwhile.
    await pause(0)
  }
  response.end()
}

/** The first item, with a name so long that the line has no end in sight. */
async function sendHugeLine(lines: readonly string[], response: ServerResponse, manners: Manners): Promise<void> {
  beginList(response, manners)
  if (!(await write(response, '{"name":"'))) return
  const chunk = Buffer.alloc(2 ** 20, 'x')
  for (let sent = 0; sent < hugeBytes; sent += chunk.length) {
    if (!(await write(response, chunk))) return
  }
  const rest = (lines[0] ?? '{}').slice(1)
  await write(response, rest === '}' ? '"}\n' : `",${rest}\n`)
  if (manners === 'cluster') response.addTrailers({ 'X-Stream-Error': '' })
  response.end()
}
