import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entryBytes, type GroupNames } from '../src/domain/pins/packed-groups.ts'
import { assess } from '../src/domain/placement/assess.ts'
import type { Holder, PlacementQuestion } from '../src/domain/placement/question.ts'
import { wholeSets } from '../src/pinindex/allocation-sets.ts'
import { openSealed, sealOf } from '../src/pinindex/sealed-file.ts'
import { type Benchmark, mebibytes, secondsText } from './benchmark.ts'

/** Whether a host may be lost, by the file of groups that a pin index of so many pins has. No daemon is needed. */
export const okToStop: Benchmark = {
  name: 'ok-to-stop',
  title: 'what an agent takes for `tiercel ok-to-stop`, at 10,000,000 simulated pins',
  async run({ say }) {
    const rows: string[][] = []
    for (const [called, peers, groups] of [
      ['10 hosts × 3 stores, 4,000 groups', 30, 4000],
      ['10 hosts × 3 stores, each pin a group of its own', 30, pins],
      ['1,000 hosts, each pin a group of its own', 1000, pins],
    ] as const) {
      say(called)
      const folder = mkdtempSync(join(tmpdir(), 'tiercel-bench-'))
      try {
        const sets = join(folder, 'sets')
        writeSets(sets, groups, peers)
        const { took, cpu, highest, touched } = await counted(sets, peers)
        rows.push([called, secondsText(took), secondsText(cpu), mebibytes(highest), touched.toLocaleString('en')])
      } finally {
        rmSync(folder, { recursive: true })
      }
    }
    return { header: ['10,000,000 pins', 'time', 'CPU time', 'memory at most', 'pins concerned'], rows }
  },
}

const pins = 10_000_000
const peerOf = (number: number): string => `12D3KooW${String(number).padStart(44, 'x')}`

function aboutFirstHost(peers: number): PlacementQuestion {
  const hosts = peers === 30 ? 10 : peers
  const holders = Array.from({ length: peers }, (_, number): Holder => ({
    peer: peerOf(number),
    place: `n${number % hosts}`,
    pinned: 'yes',
    complete: 'maybe',
  }))
  const without = holders.filter(({ place }) => place === 'n0').map(({ peer }) => peer)
  return { holders, exceptions: [], without, keep: 'promise' }
}

/** Wish and number of holders are one here: wishes are 1 to 3, of which the place is one less. */
const wishes = [1, 2, 3].map((holders): [number, number] => [Math.min(2, holders), holders])

function writeSets(path: string, groups: number, peers: number): void {
  const file = openSync(path, 'w')
  let state = 1
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * peers)
  }
  const some = Buffer.alloc(2 ** 20)
  let used = 0
  for (let count = 0; count < groups; count += 1) {
    const holders = new Set([next(), next(), next()])
    used = some.writeUInt32BE(pins / groups, used)
    used = some.writeUInt8(holders.size - 1, used)
    used = some.writeUInt16BE(holders.size, used)
    for (const holder of holders) used = some.writeUInt16BE(holder, used)
    if (used < some.length - entryBytes(3)) continue
    writeSync(file, some, 0, used)
    used = 0
  }
  writeSync(file, some, 0, used)
  closeSync(file)
}

async function counted(path: string, peers: number) {
  const names: GroupNames = { peers: Array.from({ length: peers }, (_, number) => peerOf(number)), wishes }
  const file = openSealed(path, sealOf(path))
  let highest = 0
  async function* read() {
    for (const groups of wholeSets(file.blocks(), names)) {
      yield groups
      highest = Math.max(highest, process.memoryUsage.rss())
    }
  }
  const startedAt = performance.now()
  const before = process.cpuUsage()
  const { ofPin } = await assess(read(), aboutFirstHost(peers), () => Promise.resolve(undefined))
  const { user, system } = process.cpuUsage(before)
  file.close()
  return {
    took: performance.now() - startedAt,
    cpu: (user + system) / 1000,
    highest,
    touched: ofPin.touched.atLeast,
  }
}
