import { apiError } from '../../api/agent.ts'
import type { GrantRequest } from '../../api/operations.ts'
import { type Authority, madeAt, type OperationId } from '../../domain/operation.ts'
import type { PublicKey } from '../../domain/signed.ts'
import { hours, type Instant } from '../../domain/units.ts'
import type { Objection } from './operation-log.ts'

/** An id from further ahead than this comes of a clock that is wrong: it would be remembered for too short a time. */
const furthestAhead = hours(1)

/** May this controller, with this epoch, have its way here? `takeOver`: it asks for the host itself, by name. */
export function judgeAuthority(granted: Authority | undefined, asked: Authority, takeOver = false): Objection {
  if (granted === undefined) return undefined
  if (granted.controller === asked.controller) {
    if (asked.epoch >= granted.epoch) return undefined
    return apiError(
      'older-epoch',
      `this host obeys ${granted.controller} of epoch ${granted.epoch}; this is epoch ${asked.epoch}, so another has taken over since`,
      'let this one end; if it is the one that is to go on: tiercel controller take-over',
    ).error
  }
  if (takeOver && asked.epoch > granted.epoch) return undefined
  return apiError(
    'other-controller',
    `this host obeys the controller ${granted.controller} (epoch ${granted.epoch}), not ${asked.controller} (epoch ${asked.epoch})`,
    takeOver
      ? `a take-over needs an epoch above ${granted.epoch}: tiercel controller take-over`
      : 'if that one is to be replaced: tiercel controller take-over',
  ).error
}

/** Whom a host obeys, and by which key; none where a release without signatures has noted it. */
export interface Granted extends Authority {
  key?: PublicKey | undefined
}

/**
 * May a controller have this host? Whoever holds the key that is noted may raise its own epoch; for another key, and for the
 * first one, it takes somebody who may give hosts away.
 */
export function judgeClaim(
  granted: Granted | undefined,
  { controller, epoch, key, takeOver }: Pick<GrantRequest, 'controller' | 'epoch' | 'key' | 'takeOver'>,
  mayGrant: boolean,
): Objection {
  const refusal = judgeAuthority(granted, { controller, epoch }, takeOver)
  if (refusal !== undefined || granted?.key === key) return refusal
  if (granted?.key !== undefined && granted.controller === controller && epoch === granted.epoch) {
    return apiError(
      'other-key',
      `this host has noted another key for ${controller} of epoch ${epoch}: ${granted.key}, not ${key}`,
      'let one of both end; if this one is to go on: tiercel controller take-over',
    ).error
  }
  if (mayGrant) return undefined
  return apiError(
    'not-granted',
    `this host ${granted === undefined ? 'obeys nobody yet' : `has noted ${granted.key === undefined ? 'no key' : 'another key'} of ${granted.controller}`}, and whoever asks for it in the name of ${controller} shows no grant token`,
    `on this host: sudo tiercel agent grant ${controller} ${epoch} ${key}; or put the account by which ${controller} comes here into the group tiercel-grant`,
  ).error
}

/** What the log remembers: nothing that is older than the later of both. */
export interface Memory {
  since: Instant
  /** The newest id that was forgotten. */
  forgotten: OperationId | undefined
}

/** May an id that nobody knows be run? One that could have come before, and been forgotten since, never. */
export function judgeNewId(id: OperationId, { since, forgotten }: Memory, now: Instant): Objection {
  const made = madeAt(id)
  const isForgotten = forgotten !== undefined && id <= forgotten
  if (made < since || isForgotten) {
    return apiError(
      'id-too-old',
      `the operation ${id} was asked for at ${iso(made)}, and this agent remembers nothing from before ${iso(isForgotten ? madeAt(forgotten) : since)}: it may have been run already`,
      'see how things stand, then plan anew; if it was made just now, compare the clocks of both machines',
    ).error
  }
  if (made > now + furthestAhead) {
    return apiError(
      'id-ahead',
      `the operation ${id} was asked for at ${iso(made)}, and here it is ${iso(now)}`,
      'set the clocks of both machines right',
    ).error
  }
  return undefined
}

/** An id can hold any 48 bits; a date ends at 8.64e15 ms. */
const iso = (instant: Instant): string =>
  Math.abs(instant) <= 8.64e15 ? new Date(instant).toISOString() : `${instant} ms`
