import type { EventEmitter } from 'node:events'
import type { Clock } from '../domain/ports/clock.ts'
import { minutes } from '../domain/units.ts'

/** Between the probes of an agent (30 s) we stay; systemd starts us again at the next connection. */
const idleFor = minutes(5)

/** Ends a while after the last request, and never while an operation is under way: nobody else would bring it to its end. */
export function endWhenIdle(
  server: Pick<EventEmitter, 'on'>,
  { clock, isBusy, end }: { clock: Clock; isBusy: () => boolean; end: () => void },
): void {
  let callOff: (() => void) | undefined
  const wait = () => {
    callOff?.()
    callOff = clock.after(idleFor, () => (isBusy() ? wait() : end()))
  }
  server.on('request', wait)
  wait()
}
