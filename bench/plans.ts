import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { z } from 'zod'
import { systemClock } from '../src/adapters/system/clock.ts'
import { minutes } from '../src/domain/units.ts'
import { Planning } from '../src/engine/planning.ts'
import { procedure } from '../src/engine/procedure.ts'
import { type Benchmark, mebibytes } from './benchmark.ts'
import { planOf } from './waiting.ts'

const plans = 200
const pools = 3000

/** Plans as large as those of a scrub over 1,000 hosts, each another. */
const large = procedure<object>()({
  name: 'large',
  title: 'large',
  about: 'large',
  class: 'background',
  kind: 'fleet',
  Input: z.object({ number: z.int() }),
  Plan: z.json(),
  goodFor: minutes(5),
  plan: async ({ number }) => ({ number, scrub: planOf(pools) }),
  outlook: () => ({ title: 'large', takes: undefined, endangers: [] }),
  preflight: async () => [],
  phases: () => [{ children: [], atOnce: 1, stopAfter: 1 }],
  examples: [],
})

/** Bytes of objects that are in use. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}

export const plansInMemory: Benchmark = {
  name: 'plans',
  title: `what ${plans} plans of 1,000 hosts, each another, leave in the memory of a controller`,
  async run() {
    const planning = new Planning({ world: {}, clock: systemClock }, () => large)
    const before = heapInUse()
    let characters = 0
    for (let number = 0; number < plans; number += 1) {
      const { plan } = await planning.plan('large', { number }, new AbortController().signal)
      if (number === 0) characters = JSON.stringify(plan).length
    }
    const left = heapInUse() - before
    return {
      header: ['plans', 'one as text', 'memory left in use'],
      rows: [[String(plans), mebibytes(characters), mebibytes(left)]],
    }
  },
}
