import { OpsError } from '../domain/errors.ts'
import type { ControllerStore } from '../domain/ports/controller-store.ts'
import type { FirstWord } from '../domain/ports/first-words.ts'
import type { Role } from '../domain/role.ts'
import type { RunRecord } from '../domain/run.ts'
import type { ApprovalRule } from '../domain/settings-of.ts'
import { durationText } from '../domain/text-units.ts'
import { age, type Instant } from '../domain/units.ts'
import type { Caller } from './operator-app.ts'
import { NotAllowed } from './refusal-of.ts'

/** The word of one person is noted; it is done when a second one says the same. */
class SecondPersonNeeded extends OpsError {
  readonly remedy = 'ask'
  readonly hint: string

  constructor({ action, run, choice, person }: FirstWord, { roles, expires }: ApprovalRule) {
    super(`${person} has asked for it, and nothing is done yet: to ${action} this run needs a second person`)
    const words = [action, run, choice].filter((word) => word !== '').join(' ')
    this.hint = `Within ${durationText(expires)}, another person (${roles.join(', ')}) asks for the same: tiercel runs ${words}`
  }
}

/** Throws for a token of which nobody knows whose it is: it counts for none of two persons. */
export function insistOnPerson({ name, isPersonKnown }: Pick<Caller, 'name' | 'isPersonKnown'>): void {
  if (isPersonKnown) return
  throw new NotAllowed(
    403,
    `here two persons must agree, and nobody has said whose the token ${name} is: an older release has made it`,
    `An admin makes one that says it (tiercel controller token create NAME --person PERSON), and revokes this one (tiercel controller token revoke ${name}).`,
  )
}

/** Whether a first word still counts for a run as it stands. */
export const stillCounts = (word: FirstWord, run: RunRecord, rule: ApprovalRule, now: Instant): boolean =>
  word.planHash === run.planHash && word.version === run.version && age(word.at, now) <= rule.expires

/**
 * Resolves where one person's word is enough, and where this is the second person's for the same action, answer, plan and state of the
 * run. Else it is noted as the first one's, and refused.
 */
export async function insistOnTwo(
  store: Pick<ControllerStore, 'transaction'>,
  asked: { run: RunRecord; actions: readonly FirstWord['action'][]; choice: string; caller: Caller; now: Instant },
  rule: ApprovalRule | undefined,
): Promise<void> {
  const { run, choice, caller, now } = asked
  const action = asked.actions.find((each) => rule?.for.includes(each))
  if (rule === undefined || action === undefined) return
  insistOnPerson(caller)
  const waiting = await store.transaction(async ({ firstWords }) => {
    const own = { run: run.id, action, choice, person: caller.person, planHash: run.planHash, version: run.version }
    const first = (await firstWords.of(run.id)).find((word) => word.action === action)
    if (first === undefined || first.choice !== choice || !stillCounts(first, run, rule, now)) {
      await firstWords.put({ ...own, at: now })
      return { ...own, at: now }
    }
    if (first.person === caller.person) return first
    requireRole(rule, caller.role)
    await firstWords.remove(run.id, action)
    return undefined
  })
  if (waiting !== undefined) throw new SecondPersonNeeded(waiting, rule)
}

/** Throws unless this role may be the second one. */
export function requireRole({ procedure, roles }: Pick<ApprovalRule, 'procedure' | 'roles'>, role: Role): void {
  const mayApprove: readonly Role[] = roles
  if (mayApprove.includes(role)) return
  throw new NotAllowed(403, `${procedure} is approved by: ${roles.join(', ')}`, 'Ask somebody with that role.')
}
