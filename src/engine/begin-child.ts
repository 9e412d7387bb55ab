import type { RunRecord } from '../domain/run.ts'
import { type Admission, tryToAdmit } from './admit.ts'
import type { Procedure } from './procedure.ts'
import type { Sessions } from './sessions.ts'

/** Takes the locks of a planned child if they are free, and has it worked on; false otherwise. */
export async function beginChild<World>(
  child: RunRecord,
  by: {
    procedure: Procedure<World>
    sessions: Sessions<World>
    driver: Admission<World>
    drive: (id: string) => void
  },
): Promise<boolean> {
  const { procedure, sessions, driver, drive } = by
  const session = await sessions.get(child.id)
  const refused = await tryToAdmit(session, procedure.locks(child.plan), driver)
  if (refused !== undefined) {
    // It is its parent that waits.
    driver.queue.delete(child.id)
    await session.explainWait(refused.reason)
    sessions.forget(child.id)
    return false
  }
  drive(child.id)
  return true
}
