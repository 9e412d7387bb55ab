import { onceAtATime } from '../domain/once-at-a-time.ts'
import { verifyAudit } from '../domain/verify-audit.ts'
import { withMutes } from '../domain/health/report.ts'
import { age, days, Instant } from '../domain/units.ts'
import { tiercelVersion } from '../version.ts'
import { presentFreeze } from './gates.ts'
import type { Handlers } from './operator-app.ts'
import type { Parts } from './parts.ts'
import { BadRequest, NotAsThingsStand, NotThere } from './refusal-of.ts'
import { runHandlers } from './run-handlers.ts'
import { makeToken } from './tokens.ts'

/** For how long an ended mute is told with health. */
const tellEnded = days(1)

/** What the controller answers to each request of the contract. */
export function createHandlers(parts: Parts): Handlers {
  const { clock, engine, collected, mutes, tokens, freeze, audit, standing, store } = parts
  const verifying = onceAtATime<Awaited<ReturnType<typeof verifyAudit>>>()
  return {
    ...runHandlers(parts),
    whoami: async ({ caller }) => ({
      name: caller.name,
      person: caller.person,
      role: caller.role,
      controller: standing.controller,
      epoch: standing.epoch(),
      tiercelVersion,
      standsBack: standing.standsBack(),
      apart: standing.apart(),
    }),
    health: async () => {
      const health = collected.health()
      const book = await mutes.read()
      const { report, changes } = withMutes(health, book.mutes)
      const { ended } = changes.length === 0 ? book : await mutes.record(changes)
      const back = standing.standsBack()
      return {
        ...report,
        muted: [...(report.muted ?? [])],
        ended: ended.filter(({ endedAt, because }) => because !== 'unmuted' && age(endedAt, health.at) <= tellEnded),
        warnings: [
          ...(back === null ? [] : [`this controller changes nothing: ${back}`]),
          ...standing.apart().map((says) => `this controller changes nothing on one host: ${says}`),
          ...(report.warnings ?? []),
        ],
        oldest: collected.oldest() ?? null,
      }
    },
    view: async () => {
      const { at, hosts, placements } = collected.view()
      return {
        at,
        fleet: collected.source,
        hosts: hosts.map(({ declaration, contact }) => ({ name: declaration.name, contact })),
        ...(placements === undefined
          ? {}
          : {
              placements: placements.map((one) =>
                one.state === 'unknown' ? one : { ...one, unsure: [...one.unsure], unverified: [...one.unverified] },
              ),
            }),
      }
    },
    mutesList: async () => mutes.read(),
    mutesAdd: async ({ body, caller, done }) => {
      const now = clock.now()
      if (body.until <= now) throw new BadRequest('the mute would be over before it begins')
      if (body.until > now + longestMute) throw new BadRequest('a mute lasts at most 90 days')
      return store.transaction(async (transaction) => {
        await done(transaction)
        return transaction.mutes.add({ ...body, at: now, by: caller.person })
      })
    },
    mutesEnd: async ({ params, done }) =>
      store.transaction(async (transaction) => {
        const id = params['mute'] ?? ''
        const { mutes: present } = await transaction.mutes.read()
        if (!present.some((mute) => mute.id === id)) {
          const known = present.map((mute) => mute.id).join(', ')
          throw new NotThere(`there is no mute ${id}`, known === '' ? 'Nothing is muted.' : `There are: ${known}.`)
        }
        await transaction.mutes.record([{ kind: 'ended', id, because: 'unmuted', at: clock.now() }])
        await done(transaction)
        return { ended: [id] }
      }),
    freeze: async () => ({ freeze: (await presentFreeze(freeze, clock.now())) ?? null }),
    freezeSet: async ({ body, caller, done }) => {
      const at = clock.now()
      const until = body.for === undefined ? null : Instant.parse(Math.round(at + body.for))
      const set = { reason: body.reason, by: caller.person, at, until }
      await store.transaction(async (transaction) => {
        await transaction.freeze.set(set)
        await done(transaction)
      })
      engine.nudge()
      return set
    },
    freezeEnd: async ({ done }) => {
      await store.transaction(async (transaction) => {
        if ((await presentFreeze(transaction.freeze, clock.now())) === undefined) {
          throw new NotAsThingsStand('nothing is frozen', 'GET /v1/freeze tells.')
        }
        await transaction.freeze.set(undefined)
        await done(transaction)
      })
      engine.nudge()
      return { freeze: null }
    },
    audit: async ({ query: { before, after, limit } }) => {
      const entries = after === undefined ? await audit.list({ before, limit }) : await audit.after(after, limit)
      const next = entries.length < limit ? null : (entries.at(-1)?.sequence ?? null)
      return { entries, next, cut: await audit.origin() }
    },
    auditVerify: async () => {
      // It costs a reading of all that is there.
      const { last, fault } = await verifying('all', () => verifyAudit(audit))
      const cut = await audit.origin()
      return { entries: Math.max(0, (last?.sequence ?? 0) - cut.sequence), cut, hash: last?.hash ?? null, fault }
    },
    tokens: async () => ({ tokens: await tokens.list() }),
    tokenCreate: async ({ body, done }) =>
      store.transaction(async (transaction) => {
        const made = await makeToken(transaction.tokens, { ...body, at: clock.now() })
        await done(transaction)
        return made
      }),
    tokenRevoke: async ({ params, done }) =>
      store.transaction(async (transaction) => {
        const wanted = params['token'] ?? ''
        const all = await transaction.tokens.list()
        const found = all.find(({ name }) => name === wanted)
        if (found === undefined) throw new NotThere(`there is no token of ${wanted}`, 'GET /v1/tokens lists them.')
        const admins = all.filter(({ role, revokedAt }) => role === 'admin' && revokedAt === null)
        if (admins.length === 1 && admins[0]?.name === wanted) {
          throw new NotAsThingsStand(
            `${wanted} has the last token of an admin`,
            'Make another one first, or nobody could make any: tiercel controller token create NAME --role admin.',
          )
        }
        const revoked = (await transaction.tokens.revoke(wanted, clock.now())) ?? found
        await done(transaction)
        return { revoked }
      }),
    backup: async ({ body: { file } }) => {
      await parts.backup(file)
      return { file }
    },
    takeOver: async ({ body }) => standing.takeOver(body.from),
  }
}

const longestMute = days(90)
