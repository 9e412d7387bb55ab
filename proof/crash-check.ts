import { explain } from '../src/domain/errors.ts'
import type { RunRecord } from '../src/domain/run.ts'
import { RunEvent } from '../src/engine/events.ts'
import { type Journal, workOf } from '../src/engine/journal.ts'
import { itemsOf } from '../src/engine/procedure.ts'
import { replay } from '../src/engine/transition.ts'
import { procedures } from '../src/procedures/index.ts'
import type { Ending, Evidence } from './crash-evidence.ts'
import { effectFaults, type Origin } from './crash-effects.ts'

/** Everything that is not as it has to be after a crash, in a sentence each; none where all is well. Pure. */
export function crashFaults(evidence: Evidence): string[] {
  const faults: string[] = []
  const origins = new Map<string, Origin>()
  for (const { record, events } of evidence.runs) {
    const journal = journalOf(record, events, faults)
    if (journal === undefined) continue
    for (const step of journal.steps) {
      const [forwards, backwards] = [workOf(journal.forwards, step), workOf(journal.backwards, step)]
      const begun = [
        ...forwards.operations.map((id) => ({ id, as: 'step' as const })),
        ...forwards.pauses.map((id) => ({ id, as: 'pause' as const })),
        ...backwards.operations.map((id) => ({ id, as: 'undo' as const })),
      ]
      for (const { id, as } of begun) {
        if (origins.has(id)) faults.push(`the operation ${id} was begun twice`)
        origins.set(id, { run: record, step, as })
      }
    }
  }
  return [
    ...faults,
    ...runFaults(evidence),
    ...evidence.locks.map(({ key, run }) => `the lock ${key} is held by run ${run}`),
    ...operationFaults(evidence, origins),
    ...effectFaults(evidence, origins),
    ...evidence.scrubbing.map((pool) => `a scrub of ${pool} was left behind`),
    ...evidence.leftovers.map((file) => `a half-written file was left behind: ${file}`),
    ...evidence.strangers.map((question) => `our own doing was taken for a stranger's: ${question}`),
  ]
}

/** Undefined, with a fault, for a journal that the one transition function would not have let come about. */
function journalOf(
  record: RunRecord,
  events: Evidence['runs'][number]['events'],
  faults: string[],
): Journal | undefined {
  const called = `run ${record.id} (${record.title})`
  if (events.length !== record.version || events.some(({ sequence }, index) => sequence !== index + 1)) {
    faults.push(`${called} has ${events.length} events, and its record counts ${record.version}`)
  }
  const procedure = procedures.find(({ name }) => name === record.procedure)
  if (procedure === undefined) {
    faults.push(`${called} is of no procedure that there is`)
    return undefined
  }
  const steps = itemsOf(procedure.phases(record.plan)).map(({ id }) => id)
  try {
    const journal = replay(
      steps,
      events.map(({ at, body }) => ({ at, event: RunEvent.parse(body) })),
    )
    if (journal.state !== record.state) {
      faults.push(`${called} is listed as ${record.state}, and its journal makes it ${journal.state}`)
    }
    return journal
  } catch (error) {
    faults.push(`${called} has a journal that cannot have come about: ${explain(error)}`)
    return undefined
  }
}

/** Runs that are lost, or that have not come to where they had to. */
function runFaults({ accepted, listed, runs }: Evidence): string[] {
  const faults: string[] = []
  const ends = new Map(accepted.map(({ id, ends: end }) => [id, end]))
  const byId = new Map(runs.map(({ record }) => [record.id, record]))
  for (const { id } of accepted) {
    if (!byId.has(id)) faults.push(`run ${id} was accepted, and is not in the store`)
    if (!listed.includes(id)) faults.push(`run ${id} was accepted, and is not listed`)
  }
  for (const record of byId.values()) {
    const root = record.parent ?? record.id
    const end = ends.get(root)
    const called = `run ${record.id} (${record.title})`
    if (end === undefined) faults.push(`${called} is in the store, and nobody was told that it was accepted`)
    else if (!endings(record, end).includes(record.state)) {
      faults.push(`${called} has not ended as ${end}, it is ${record.state}: ${record.reason}`)
    }
  }
  return faults
}

/** A part that had not begun has nothing to be taken back. */
const endings = ({ parent }: RunRecord, end: Ending): string[] =>
  end === 'undone' && parent !== null ? ['undone', 'planned'] : [end]

function operationFaults({ hosts }: Evidence, origins: ReadonlyMap<string, Origin>): string[] {
  return hosts.flatMap(({ host, operations }) =>
    operations.flatMap(({ id, state, isOver }) => [
      ...(isOver ? [] : [`the operation ${id} is still ${state} in the log of ${host}`]),
      ...(origins.has(id) ? [] : [`${host} was asked for the operation ${id}, which is in no journal`]),
    ]),
  )
}
