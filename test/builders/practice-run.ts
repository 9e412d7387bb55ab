import type { RunRecord } from '../../src/domain/run.ts'
import { Duration } from '../../src/domain/units.ts'
import type { Planned } from '../../src/engine/shown.ts'
import { now } from './readings.ts'

/** A plan of one step, as a controller shows it. */
export function plannedPractice(change: Partial<Planned> = {}): Planned {
  return {
    procedure: 'practice',
    title: 'Practise on n1',
    class: 'change',
    input: { host: 'n1' },
    plan: { host: 'n1' },
    planHash: 'a'.repeat(64),
    madeAt: now,
    outlook: {
      title: 'Practise on n1',
      takes: Duration.parse(20_000),
      endangers: ['Nothing: it leaves a mark in a folder of the agent.'],
    },
    preflight: [{ title: 'n1 answers', verdict: 'holds', says: 'it answered in 2 ms' }],
    steps: [
      {
        id: 'mark',
        title: 'Leave a mark on n1',
        commands: [{ host: 'n1', command: 'practice-mark run-1 (20 s)' }],
        takes: Duration.parse(20_000),
        undo: {
          kind: 'undo',
          says: 'Take the mark away',
          commands: [{ host: 'n1', command: 'practice-unmark run-1' }],
        },
      },
      {
        id: 'tell',
        title: 'Say that it is over',
        commands: [],
        takes: undefined,
        undo: { kind: 'noWayBack', says: 'what was said was said', commands: [] },
      },
    ],
    children: [],
    locks: [{ key: 'practice:n1', capacity: 1 }],
    ...change,
  }
}

export function runRecord(change: Partial<RunRecord> = {}): RunRecord {
  return {
    id: '01920000-0000-7000-8000-000000000001',
    parent: null,
    child: null,
    procedure: 'practice',
    title: 'Practise on n1',
    class: 'change',
    state: 'running',
    version: 3,
    progress: 'Leave a mark on n1',
    share: 0.5,
    reason: '',
    input: { host: 'n1' },
    plan: { host: 'n1' },
    planHash: 'a'.repeat(64),
    requestedBy: 'olga',
    createdAt: now,
    updatedAt: now,
    endedAt: null,
    ...change,
  }
}
