import { assess } from '../src/domain/placement/assess.ts'
import type { Holder, PlacementQuestion } from '../src/domain/placement/question.ts'
import type { PinGroup } from '../src/domain/pins/pin-group.ts'
import { type Benchmark, mebibytes, secondsText } from './benchmark.ts'

/** Whether a host may be lost, of pins that are made while they are counted. No daemon is needed. */
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
      const question = aboutFirstHost(peers)
      const startedAt = performance.now()
      const { cpu, highest, touched } = await counted(groups, peers, question)
      rows.push([
        called,
        secondsText(performance.now() - startedAt),
        secondsText(cpu),
        mebibytes(highest),
        touched.toLocaleString('en'),
      ])
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

async function counted(groups: number, peers: number, question: PlacementQuestion) {
  let highest = 0
  const before = process.cpuUsage()
  async function* made(): AsyncGenerator<PinGroup> {
    const names = Array.from({ length: peers }, (_, number) => peerOf(number))
    let state = 1
    const next = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * peers)
    }
    for (let count = 0; count < groups; count += 1) {
      const holders = new Set([next(), next(), next()])
      yield {
        holders: [...holders].map((number) => names[number] ?? ''),
        replicationMin: Math.min(2, holders.size),
        replicationMax: holders.size,
        pins: pins / groups,
      }
      if (count % 100_000 === 0) highest = Math.max(highest, process.memoryUsage().rss)
    }
  }
  const { ofPin } = await assess(made(), question, () => Promise.resolve(undefined))
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / 1000, highest, touched: ofPin.touched.atLeast }
}
