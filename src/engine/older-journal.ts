import type { Instant } from '../domain/units.ts'
import type { RunEvent } from './events.ts'
import { isInFlight, type Journal } from './journal.ts'

interface Written {
  at: Instant
  event: RunEvent
}

/**
 * What a release without phases has written of a run over many, as it would be written now. All children were one phase, which had
 * no events of its own: it began when the run did, had finished when that had succeeded, and was taken back when that was undone.
 */
export function withPhase(items: readonly { id: string; phase?: object | undefined }[], events: Written[]): Written[] {
  const [only, ...more] = items
  if (only?.phase === undefined || more.length > 0) return events
  const has = (kind: RunEvent['kind']): boolean => events.some(({ event }) => event.kind === kind)
  if (has('phase-begun')) return events
  const begun = events.findIndex(({ event }) => event.kind === 'locks-taken')
  // One that was to be undone before it had begun has nothing to take back.
  if (begun === -1 || events.slice(0, begun).some(({ event }) => event.kind === 'undo-requested')) return events
  const step = only.id
  return events.flatMap((written, index): Written[] => {
    const { at } = written
    const { kind } = written.event
    if (index === begun) return [written, { at, event: { kind: 'phase-begun', step } }]
    if (kind === 'succeeded' && !has('step-finished')) {
      return [{ at, event: { kind: 'step-finished', step, result: null, how: 'run' } }, written]
    }
    if (kind === 'undone' && !has('undo-finished')) {
      return [{ at, event: { kind: 'undo-finished', step, how: 'run' } }, written]
    }
    return [written]
  })
}

/** A run was left by one word, whether something of it was under way or not. */
export function leftAtWork(journal: Journal, event: RunEvent): RunEvent {
  if (!isInFlight(journal)) return event
  if (event.kind === 'left') return { ...event, isUnread: true }
  if (event.kind === 'answered' && event.choice === 'leave') return { ...event, choice: 'leave-at-work' }
  return event
}
