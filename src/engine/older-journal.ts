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

/**
 * What a release that did not know whether an attempt is over has written of a run that was ended, or rested, with one that may have been
 * under way: it still may be. A step that was paused in its middle is none of these.
 */
export function restedAtWork(journal: Journal, event: RunEvent): RunEvent {
  if (!isInFlight(journal)) return event
  if (event.kind === 'left') return { ...event, isUnread: true }
  if (event.kind === 'answered' && event.choice === 'leave') return { ...event, choice: 'leave-at-work' }
  if (event.kind === 'failed') return { ...event, atWork: true }
  const isPaused = journal.state === 'running' && journal.pausing !== undefined
  return (event.kind === 'stopped' || event.kind === 'paused') && !isPaused ? { ...event, atWork: true } : event
}
