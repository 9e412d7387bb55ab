import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { serveOnLoopback } from '../http/loopback-server.ts'
import { clusterPinning } from './cluster-pinning.ts'

const MiB = 1024 * 1024

/** What reading a list may cost at any moment: the buffers of the connection, and what is not collected yet. */
const allowed = 25 * MiB

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

function heapUsed(): number {
  if (typeof collectGarbage === 'function') collectGarbage()
  return process.memoryUsage().heapUsed
}

const template = JSON.stringify({
  cid: 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
  name: 'archive/@',
  type: 'pin',
  mode: 'recursive',
  allocations: ['12D3KooWDbQv3FQxsFmi4QZJRNQWjQ6V1jLB66jJPxQXaA6HQXMH'],
  replication_factor_min: 1,
  replication_factor_max: 2,
  metadata: { batch: '@' },
  expire_at: '0001-01-01T00:00:00Z',
  timestamp: '2026-11-23T07:30:01Z',
})

/** A pinset of so many pins, made as they are asked for. */
async function servePinset(count: number) {
  return serveOnLoopback((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', trailer: 'X-Stream-Error' })
    let next = 0
    const more = () => {
      let isFlowing = true
      while (next < count && isFlowing) {
        let lines = ''
        for (const end = next + 100; next < end; next += 1) lines += `${template.replaceAll('@', String(next))}\n`
        isFlowing = response.write(lines)
      }
      if (next < count) {
        response.once('drain', more)
        return
      }
      response.addTrailers({ 'X-Stream-Error': '' })
      response.end()
    }
    more()
  })
}

/** How much more memory is in use, at most, while a list is read and every item given to `take`. */
async function growth(count: number, take: (item: unknown) => void): Promise<{ items: number; grown: number }> {
  await using server = await servePinset(count)
  const pinning = clusterPinning({ url: server.url })
  const before = heapUsed()
  let items = 0
  let grown = 0
  for await (const pin of pinning.allocations()) {
    take(pin)
    items += 1
    if (items % 50_000 === 0) grown = Math.max(grown, heapUsed() - before)
  }
  await pinning.close()
  return { items, grown }
}

test('memory does not grow with the length of a list', { timeout: 60_000 }, async () => {
  const streamed = await growth(300_000, () => undefined)
  expect(streamed.items).toBe(300_000)
  expect(streamed.grown).toBeLessThan(allowed)

  // The measure sees items that are held: a third of them is already too much.
  const held: unknown[] = []
  const collected = await growth(100_000, (item) => held.push(item))
  expect(held).toHaveLength(100_000)
  expect(collected.grown).toBeGreaterThan(allowed)
})
