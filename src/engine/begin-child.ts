import type { RunRecord } from '../domain/run.ts'
import { type Admission, tryToAdmit } from './admit.ts'
import type { Planning } from './planning.ts'
import type { Procedure } from './procedure.ts'
import type { Sessions } from './sessions.ts'

/**
 * Takes the locks of a planned child if they are free, and has it worked on; false otherwise. What must hold is looked at with
 * the locks held: a child that objects then has failed before it did anything.
 */
export async function beginChild<World>(
  child: RunRecord,
  by: {
    procedure: Procedure<World>
    sessions: Sessions<World>
    planning: Planning<World>
    driver: Admission<World>
    closing: AbortSignal
    drive: (id: string) => void
  },
): Promise<boolean> {
  const { procedure, sessions, planning, driver, closing, drive } = by
  const session = await sessions.get(child.id)
  const refused = await tryToAdmit(session, procedure.locks(child.plan), driver)
  if (refused !== undefined) {
    await session.explainWait(refused.reason)
    sessions.forget(child.id)
    return false
  }
  const preflight = await planning.preflight(procedure, child.plan, closing)
  const objection = preflight.find(({ verdict }) => verdict !== 'holds')
  if (objection === undefined) {
    drive(child.id)
  } else {
    await session.write([{ kind: 'failed', error: `not begun: ${objection.title}: ${objection.says}` }])
    sessions.forget(child.id)
  }
  return true
}
