import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { claim, type Proof } from './proof.ts'

const wholePins = 10_000_000
const mostBytes = 2 ** 30
/** What `node` may take for objects, MiB: well below the whole, so that a list held in memory ends the process. */
const heapMiB = 900

/** What `stream-pins.ts` says. */
export const Streamed = z.object({
  createdIn: z.number(),
  allocations: z.number(),
  streamedIn: z.number(),
  overHttp: z.number(),
  overHttpIn: z.number(),
  foundIn: z.number(),
  troubleIn: z.number(),
  mostResident: z.number(),
})

/** The simulator's pins are made by function: ten million of them on ten hosts are streamed in a process of less than 1 GB. */
export const simulatedPins: Proof = {
  name: 'simulated-pins',
  title: `${wholePins.toLocaleString('en')} simulated pins on 10 hosts are streamed, also over HTTP, in less than 1 GB`,
  async run({ share, seed, say }) {
    const pins = Math.round(wholePins * share)
    say(`streaming ${pins.toLocaleString('en')} pins in a process of its own, with a heap of ${heapMiB} MiB at most`)
    const program = join(import.meta.dirname, 'stream-pins.ts')
    const child = spawn(process.execPath, [`--max-old-space-size=${heapMiB}`, program, String(pins), String(seed)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const said = Streamed.parse(JSON.parse(await text(child.stdout)))
    claim(said.allocations === pins, `all ${pins} pins are listed, not ${said.allocations}`)
    claim(said.overHttp === pins, `all ${pins} pins are listed over HTTP, not ${said.overHttp}`)
    claim(said.mostResident < mostBytes, `the process took ${said.mostResident} bytes, more than 1 GB`)
    return {
      pins,
      'world made': `${(said.createdIn / 1000).toFixed(1)} s`,
      'allocations streamed': `${(said.streamedIn / 1000).toFixed(1)} s`,
      'allocations streamed over HTTP': `${(said.overHttpIn / 1000).toFixed(1)} s`,
      'one pin found by its CID': `${said.foundIn.toFixed(1)} ms`,
      'pins in trouble listed': `${said.troubleIn.toFixed(1)} ms`,
      'most memory': `${Math.round(said.mostResident / 2 ** 20)} MiB`,
    }
  },
}
