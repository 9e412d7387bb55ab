import { type Duration, milliseconds, seconds } from '../domain/units.ts'
import { hasNotBegun } from './journal.ts'
import type { EngineOptions, Gate } from './options.ts'
import type { Session } from './session.ts'

/** How often a gate is asked again, where nobody can say when it changes, and nothing rings. */
export const gateEvery = seconds(15)

type Gated = Pick<EngineOptions<never>, 'gate' | 'clock'>

/** Whether a run may work now; a part of a run by what holds for the whole. What is taken back is no new work. */
export async function askGate(
  session: Session,
  { gate }: Gated,
  starting = hasNotBegun(session.journal),
): Promise<Gate> {
  if (session.journal.purpose === 'undo' || gate === undefined) return { open: true }
  return gate(session.root, { starting })
}

/** When a closed gate is asked again, if nothing rings before. */
export const untilAsked = ({ clock }: Gated, gate: Gate): Duration =>
  gate.open || gate.until === null
    ? gateEvery
    : milliseconds(Math.min(gateEvery * 4, Math.max(100, gate.until - clock.now())))

/** While a run works, its window may close. */
export function watchGate(session: Session, gated: Gated, closing: AbortSignal): { end(): void } {
  const { clock, gate } = gated
  let callOff: (() => void) | undefined
  let isOver = false
  const look = async () => {
    if (session.journal.state === 'running' && session.wish === undefined) {
      const now = await askGate(session, gated, false).catch(() => undefined)
      if (now?.open === false && session.journal.state === 'running')
        session.want({ kind: 'pause', reason: now.reason })
    }
    if (!isOver && !closing.aborted) callOff = clock.after(gateEvery, () => void look())
  }
  if (gate !== undefined) callOff = clock.after(gateEvery, () => void look())
  return {
    end() {
      isOver = true
      callOff?.()
    },
  }
}
