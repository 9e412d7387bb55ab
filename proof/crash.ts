import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ControllerClient } from '../src/adapters/controller/client.ts'
import { nextBetween, nextShare, type RandomState } from '../src/sim/random.ts'
import { type CrashBench, crashHosts, openCrashBench } from './crash-bench.ts'
import { crashFaults } from './crash-check.ts'
import type { Effect, Evidence } from './crash-evidence.ts'
import { lookAround } from './crash-look.ts'
import { type Office, workLane } from './crash-person.ts'
import { lanes } from './crash-scripts.ts'
import { watchMarks } from './mark-watch.ts'
import { claim, type Figures, type Proof } from './proof.ts'
import type { Victim } from './victim.ts'

const wholeKills = 500
/** So many kills come when no further run is begun. */
const lastKills = 10
/** So many kinds of questions and refusals are told, the most frequent first. */
const mostTold = 12
/** Everything has come to its end by then, after the last kill. */
const finishWithin = 300_000

/** Controller, agents and executors are killed at any moment: nothing is lost, and nothing is done twice. */
export const crash: Proof = {
  name: 'crash',
  title: `${wholeKills} times kill -9 of a controller, an agent or an executor in the middle of runs: nothing lost, nothing done twice`,
  async run({ share, seed, store, say }) {
    const kills = Math.max(1, Math.round(wholeKills * share))
    const began = performance.now()
    const crashes: string[] = []
    const bell: Bell = new EventEmitter()
    const bench = await openCrashBench(seed, store, {
      onLine: (victim) => bell.emit('rung', victim),
      onCrash: (how) => crashes.push(how),
    })
    const marks: Effect[] = []
    const watches = crashHosts.map((host) =>
      watchMarks(`${bench.operations(host)}/marks`, host, (effect) => marks.push(effect)),
    )
    let holds = false
    try {
      let isClosing = false
      const office: Omit<Office, 'random'> = {
        client: bench.client(),
        isClosing: () => isClosing,
        onAsk: () => bell.emit('rung', 'controller'),
        accepted: [],
        strangers: [],
        failures: [],
        tally: new Map(),
      }
      // Once for what they compile, and politely, so that it is kept.
      for (const round of [1, 2]) {
        const times = await Promise.all(bench.victims.map((victim) => victim.start()))
        say(`start ${round}: ${times.map((time) => `${Math.round(time ?? 0)} ms`).join(', ')}`)
        if (round === 1) await Promise.all(bench.victims.map((victim) => victim.end()))
      }
      const work = Promise.all(
        lanes().map((lane, index) => workLane(lane, { ...office, random: { random: seed * 1000 + index } })),
      )
      const killed = await killAround(bench, kills, {
        random: { random: seed },
        bell,
        onKill(done) {
          // The last ones find what has been begun before.
          isClosing = done >= kills - lastKills
          if (done % 50 === 0) say(`${done} kills`)
        },
      })
      say(`${kills} kills after ${Math.round((performance.now() - began) / 1000)} s; now all of it is let finish`)
      const lastKill = performance.now()
      const finished = await Promise.race([work.then(() => true), sleep(finishWithin, false, { ref: false })])
      const told = [...office.tally].toSorted(([, a], [, b]) => b - a)
      for (const [what, times] of told.slice(0, mostTold)) say(`${times} × ${what}`)
      claim(finished, `not all runs have ended within ${finishWithin / 1000} s: ${await unfinished(office.client)}`)
      const settled = performance.now() - lastKill

      const listed = await allRuns(office.client)
      const { locks } = await office.client.ask('locks')
      await office.client.close()
      for (const victim of bench.victims) await victim.end()
      const found = await lookAround(bench)
      const evidence: Evidence = {
        ...found,
        accepted: office.accepted,
        listed,
        locks: [...locks, ...found.locks],
        effects: [...found.effects, ...marks],
        strangers: office.strangers,
      }
      const faults = [...crashes, ...office.failures, ...crashFaults(evidence)]
      for (const fault of faults.slice(0, 40)) say(`FAULT: ${fault}`)
      claim(faults.length === 0, `${faults.length} faults, seed ${seed}; what is left of it lies in ${bench.folder}`)
      holds = true
      return {
        seed,
        store,
        ...killed.figures,
        ...countsOf(evidence),
        'longest recovery': `${(killed.longest / 1000).toFixed(1)} s until it answered`,
        'until all had ended': `${(settled / 1000).toFixed(1)} s after the last kill`,
        seconds: Math.round((performance.now() - began) / 1000),
      }
    } finally {
      for (const watch of watches) watch.close()
      await bench.close({ keep: !holds })
    }
  },
}

/** Rings when a victim, by its name, has begun something. */
type Bell = EventEmitter<{ rung: [victim: string] }>

/** Kills one after the other, and starts each again, sooner or later. All are up again when this resolves. */
async function killAround(
  bench: CrashBench,
  kills: number,
  { random, bell, onKill }: { random: RandomState; bell: Bell; onKill: (done: number) => void },
): Promise<{ figures: Figures; longest: number }> {
  const counts = { controller: 0, agent: 0, executor: 0 }
  const coming = new Map<Victim, Promise<void>>()
  let longest = 0
  const startAgain = async (victim: Victim, after: number): Promise<void> => {
    await sleep(after)
    longest = Math.max(longest, (await victim.start()) ?? 0)
  }
  for (let done = 0; done < kills;) {
    const meant = await moment(random, bell)
    // Most have come up by then; some die while they start.
    const isEarly = nextShare(random) < 0.15
    const alive = bench.victims.filter(({ state }) => state === 'up' || (isEarly && state === 'starting'))
    // As many controllers as agents: there is one of it.
    const drawn = [...alive, ...alive.filter(({ kind }) => kind === 'controller')]
    const victim =
      alive.find(({ name }) => name === meant) ?? drawn[nextBetween(random, 0, Math.max(0, drawn.length - 1))]
    if (victim === undefined) continue
    await victim.kill()
    await coming.get(victim)
    counts[victim.kind] += 1
    done += 1
    onKill(done)
    coming.set(victim, startAgain(victim, nextShare(random) < 0.35 ? 0 : nextBetween(random, 50, 1500)))
  }
  await Promise.all(coming.values())
  return {
    figures: {
      kills: `${kills}: ${counts.controller} of the controller, ${counts.agent} of an agent, ${counts.executor} of an executor`,
    },
    longest,
  }
}

/**
 * Some time; or, often, until right after somebody has asked the controller for something, or a process has told its log of
 * what it does. Gives who is meant then.
 */
async function moment(random: RandomState, bell: Bell): Promise<string | undefined> {
  const least = sleep(nextBetween(random, 100, 1000))
  if (nextShare(random) < 0.4) {
    await sleep(nextBetween(random, 0, 600))
    await least
    return undefined
  }
  await least
  const rung = await once(bell, 'rung', { signal: AbortSignal.timeout(600) }).catch(() => [])
  await sleep(nextBetween(random, 0, nextShare(random) < 0.5 ? 8 : 60))
  const [name] = z.array(z.string()).parse(rung)
  return name
}

async function allRuns(client: ControllerClient): Promise<string[]> {
  const ids: string[] = []
  for (let before: string | undefined; ;) {
    const { runs, next } = await client.ask('runs', {
      query: { limit: 500, ...(before === undefined ? {} : { before }) },
    })
    ids.push(...runs.map(({ id }) => id))
    if (next === null) return ids
    before = next
  }
}

async function unfinished(client: ControllerClient): Promise<string> {
  const { runs } = await client.ask('runs', { query: { limit: 20 } })
  return runs
    .filter(({ endedAt }) => endedAt === null)
    .map(({ id, title, state, reason }) => `${title} (${id}) is ${state}: ${reason}`)
    .join('; ')
}

function countsOf({ runs, hosts, effects }: Evidence): Figures {
  const roots = runs.map(({ record }) => record).filter(({ parent }) => parent === null)
  const kinds = Map.groupBy(roots, ({ procedure, state }) => `${procedure} ${state}`)
  const operations = hosts.flatMap((host) => host.operations)
  const states = Map.groupBy(operations, ({ state }) => state)
  const kindsOf = Map.groupBy(effects, ({ what }) => what)
  return {
    runs: `${runs.length}: ${tally(kinds)}, ${runs.length - roots.length} parts of others`,
    operations: `${operations.length}: ${tally(states)}`,
    effects: `${effects.length}: ${tally(kindsOf)}`,
  }
}

const tally = (groups: ReadonlyMap<string, readonly unknown[]>): string =>
  [...groups].map(([name, members]) => `${members.length} ${name}`).join(', ')
