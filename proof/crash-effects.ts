import { z } from 'zod'
import type { RunRecord } from '../src/domain/run.ts'
import type { Effect, Evidence } from './crash-evidence.ts'

/** Which work of which run an operation was begun for. */
export interface Origin {
  run: RunRecord
  step: string
  as: 'step' | 'pause' | 'undo'
}

/** What work may have, and nothing else. */
const allowed: Record<Origin['as'], readonly Effect['what'][]> = {
  step: ['scrub started', 'scrub resumed', 'mark left'],
  pause: ['scrub paused'],
  undo: ['scrub stopped', 'scrub paused', 'mark taken'],
}

/** How an operation can have ended that has had an effect. */
const mayHaveHad: readonly string[] = ['succeeded', 'lost']

/** What was done twice, or by nobody, or not as the journals say. */
export function effectFaults(evidence: Evidence, origins: ReadonlyMap<string, Origin>): string[] {
  return [...singleFaults(evidence, origins), ...scrubFaults(evidence, origins), ...markFaults(evidence, origins)]
}

function singleFaults({ effects, hosts }: Evidence, origins: ReadonlyMap<string, Origin>): string[] {
  const faults: string[] = []
  const had = new Map<string, Effect>()
  const states = new Map(hosts.flatMap(({ operations }) => operations.map(({ id, state }) => [id, state])))
  for (const effect of effects) {
    const { what, on, by } = effect
    // A mark that is gone names nobody: the marks are held against their runs.
    if (by === undefined) {
      if (what !== 'mark taken') faults.push(`${what} on ${on}, by nobody`)
      continue
    }
    const before = had.get(by)
    if (before !== undefined) {
      faults.push(`the operation ${by} has had two effects: ${before.what} on ${before.on}, and ${what} on ${on}`)
    }
    had.set(by, effect)
    const origin = origins.get(by)
    if (origin === undefined) faults.push(`${what} on ${on}, by the operation ${by}, which is in no journal`)
    else if (!allowed[origin.as].includes(what)) {
      faults.push(`${what} on ${on}, by the ${origin.as} ${origin.step} of run ${origin.run.id}`)
    }
    const state = states.get(by)
    if (state === undefined || !mayHaveHad.includes(state)) {
      faults.push(`${what} on ${on}, by the operation ${by}, which its agent calls ${state ?? 'unknown'}`)
    }
  }
  return faults
}

/** Begun once, and paused before it goes on. */
const scrubbed = {
  succeeded: /^started( paused resumed)*$/,
  other: /^(started( paused resumed)*( paused)?( stopped)?)?$/,
}

function scrubFaults({ runs, effects }: Evidence, origins: ReadonlyMap<string, Origin>): string[] {
  return runs.flatMap(({ record }) => {
    if (record.procedure !== 'scrub-pool') return []
    const story = effects
      .filter(({ by }) => by !== undefined && origins.get(by)?.run.id === record.id)
      .map(({ what }) => what.replace('scrub ', ''))
      .join(' ')
    const fits = record.state === 'succeeded' ? scrubbed.succeeded : scrubbed.other
    return fits.test(story)
      ? []
      : [`run ${record.id} (${record.title}) is ${record.state}, and its scrub was: ${story}`]
  })
}

/** As far as the plan of a run of practice is needed here. */
const PracticePlan = z.object({ host: z.string(), mark: z.string() })

function markFaults({ runs, effects, hosts }: Evidence, origins: ReadonlyMap<string, Origin>): string[] {
  const faults: string[] = []
  const expected = new Set<string>()
  for (const { record } of runs) {
    if (record.procedure !== 'practice') continue
    const { host, mark } = PracticePlan.parse(record.plan)
    for (const name of [`${host}/${mark}-a`, `${host}/${mark}-b`]) {
      const story = effects
        .filter(({ on }) => on === name)
        .map(({ what }) => what.replace('mark ', ''))
        .join(' ')
      const fits = record.state === 'succeeded' ? story === 'left' : ['', 'left taken'].includes(story)
      if (!fits) faults.push(`run ${record.id} is ${record.state}, and its mark ${name} was: ${story}`)
      if (record.state === 'succeeded') expected.add(name)
    }
  }
  for (const { host, marks } of hosts) {
    for (const { mark, operation } of marks) {
      const name = `${host}/${mark}`
      if (!expected.delete(name)) faults.push(`the mark ${name} is there, and no run has left it`)
      if (!origins.has(operation))
        faults.push(`the mark ${name} names the operation ${operation}, which is in no journal`)
    }
  }
  return [...faults, ...[...expected].map((name) => `the mark ${name} is not there`)]
}
