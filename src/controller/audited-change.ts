import { z } from 'zod'
import { explain, OpsError } from '../domain/errors.ts'
import type { ControllerBooks } from '../domain/ports/controller-store.ts'
import { StoreUnusable } from '../domain/ports/run-store.ts'

/** What is written of a change. */
export interface Audited {
  who: string
  what: string
  subject: string
  outcome: string
}

/** Writes into the audit: within the transaction that is given, else in one of its own. */
export type WriteAudit = (entry: Audited, within?: Pick<ControllerBooks, 'audit'>) => Promise<void>

/** Writes that a change was done, in the transaction of the change itself: both are there, or neither. */
export type Done = (transaction: Pick<ControllerBooks, 'audit'>) => Promise<void>

/**
 * Makes a change, so that the audit has it whatever happens: with the change in one transaction (`isWhole`); else that it was asked
 * before it is begun, and how it went afterwards. What was made is told as made, also where the audit cannot say so any more.
 */
export async function auditedChange<Request extends { body: unknown }, Answer>(
  options: { entry: Omit<Audited, 'outcome'>; isWhole: boolean; audit: WriteAudit; logFailure: (text: string) => void },
  read: () => Promise<Request>,
  work: (asked: Request & { done: Done }) => Promise<Answer>,
): Promise<Answer> {
  const { entry, isWhole, audit, logFailure } = options
  const write = async (outcome: string): Promise<void> =>
    audit({ ...entry, outcome }).catch((error: unknown) =>
      logFailure(`the audit does not have: ${entry.who} ${entry.what} ${entry.subject}: ${outcome}: ${explain(error)}`),
    )
  const refused = async (error: unknown): Promise<never> => {
    await write(outcomeOf(error))
    throw error
  }
  const request = await read().catch(refused)
  if (entry.subject === '') entry.subject = subjectOf(request.body)
  if (!isWhole) await audit({ ...entry, outcome: 'asked' })
  let isDone = false
  const done: Done = async (transaction) => {
    await audit({ ...entry, outcome: 'done' }, transaction)
    isDone = true
  }
  const answer = await work({ ...request, done }).catch(refused)
  if (!isDone) await write('done')
  return answer
}

function outcomeOf(error: unknown): string {
  const says = explain(error).slice(0, 500)
  return error instanceof OpsError && !(error instanceof StoreUnusable)
    ? `refused: ${says}`
    : `failed, and may have been done in part: ${says}`
}

/** What is to be made, where the address does not name it. */
function subjectOf(body: unknown): string {
  const named = z.object({ requestId: z.string(), name: z.string(), file: z.string() }).partial().safeParse(body)
  return named.data?.requestId ?? named.data?.name ?? named.data?.file ?? ''
}
