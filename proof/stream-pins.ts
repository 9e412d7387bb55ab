import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { createWorld } from '../src/sim/create-world.ts'
import { simHost } from '../src/sim/ports.ts'
import { createFaces } from '../src/sim/process/faces.ts'
import { createSimulator } from '../src/sim/process/simulator.ts'

// A process that makes a world of ten hosts with so many pins (first argument; the second is the seed), streams them, and
// says on standard output how long that took and how much memory at most.

const [pins = '', seed = ''] = process.argv.slice(2)

let mostResident = 0
const watch = setInterval(() => {
  mostResident = Math.max(mostResident, process.memoryUsage.rss())
}, 100)

/** What something gives, and how many milliseconds it took. */
async function timed<T>(run: () => T | Promise<T>): Promise<{ given: T; took: number }> {
  const began = performance.now()
  const given = await run()
  return { given, took: performance.now() - began }
}

const hosts = Array.from({ length: 10 }, (_, index) => `n${index + 1}`)
const created = await timed(() => createWorld({ hosts, pins: Number(pins), seed: Number(seed) }))
const world = created.given
const pinning = simHost(world, 'n1').stores[0]?.pinning
if (pinning === undefined) throw new Error('the default world has a store on n1')

let allocations = 0
let last = ''
const streamed = await timed(async () => {
  for await (const { cid } of pinning.allocations()) {
    allocations += 1
    last = cid
  }
})
const found = await timed(() => pinning.allocation(last))
const trouble = await timed(() => Array.fromAsync(pinning.pins(['pin_error', 'pin_queued', 'pinning'])))

const simulator = createSimulator({ world, save: () => undefined, realTime: undefined })
const faces = createFaces({
  simulator,
  knownPorts: {},
  report: (error) => {
    throw error
  },
})
await faces.reconcile()
let overHttp = 0
const http = await timed(async () => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  get({ host: '127.0.0.1', port: faces.ports()['n1/hot/peer'], path: '/allocations' }, resolve).once('error', reject)
  const response = await promise
  response.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) overHttp += 1
  })
  await once(response, 'end')
})
await faces.close()
clearInterval(watch)
process.stdout.write(
  JSON.stringify({
    createdIn: created.took,
    allocations,
    streamedIn: streamed.took,
    overHttp,
    overHttpIn: http.took,
    foundIn: found.took,
    troubleIn: trouble.took,
    mostResident: Math.max(mostResident, process.memoryUsage.rss()),
  }),
)
