import type { Hono } from 'hono'
import { z } from 'zod'
import { hostOf } from '../lookup.ts'
import { runProgram } from '../sim-programs.ts'
import type { Simulator } from './simulator.ts'

/** A program with its arguments, as an executor runs it; `by` is written beside its effects. */
export const RunProgram = z.strictObject({
  file: z.string(),
  args: z.array(z.string()).max(100),
  by: z.string().max(100).default(''),
})

/** How it ended. */
export const ProgramEnded = z.object({ exitCode: z.int(), stdout: z.string(), stderr: z.string() })
export type ProgramEnded = z.infer<typeof ProgramEnded>

/**
 * For processes that stand on a simulated host: POST /hosts/NAME/exec runs a program there, and GET /snapshot is the world as
 * it is now. The effects of a program are stored, and synced, before it answers: the simulator is the referee. What hangs in
 * the kernel is not answered.
 */
export function addHostRoutes(app: Hono, simulator: Simulator): void {
  app.post('/hosts/:host/exec', async (context) => {
    const request = RunProgram.safeParse(await context.req.json().catch(() => undefined))
    if (!request.success) return context.json({ error: 'a program is { file, args, by? }' }, 400)
    const { file, args, by } = request.data
    const host = context.req.param('host')
    const outcome = simulator.change((world) => runProgram(world, hostOf(world, host), { file, args, by }))
    return outcome === 'hangs' ? new Promise<never>(() => undefined) : context.json(outcome)
  })

  app.get('/snapshot', (context) => context.json(simulator.look((world) => ({ ...world, effects: [] }))))
}
