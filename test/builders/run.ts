import { RunRecord, type StoredEvent } from '../../src/domain/run.ts'
import { Instant } from '../../src/domain/units.ts'

/** A run as a test wants it; `number` makes ids that sort. */
export function run(number: number, changes: Partial<RunRecord> = {}): RunRecord {
  return RunRecord.parse({
    id: runId(number),
    parent: null,
    child: null,
    procedure: 'practice',
    title: `Practice ${number}`,
    class: 'change',
    state: 'planned',
    version: 0,
    progress: '',
    share: 0,
    reason: '',
    input: { number },
    plan: { steps: [number] },
    planHash: `hash-${number}`,
    requestedBy: 'ann',
    createdAt: 1_700_000_000_000 + number,
    updatedAt: 1_700_000_000_000 + number,
    endedAt: null,
    ...changes,
  })
}

export const runId = (number: number): string => `0198c5a0-0000-7000-8000-${number.toString(16).padStart(12, '0')}`

export const event = (sequence: number, body: StoredEvent['body'] = { kind: 'noted' }): StoredEvent => ({
  sequence,
  at: Instant.parse(1_700_000_000_000 + sequence),
  body,
})
