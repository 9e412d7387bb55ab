import type { OperationRequest } from '../api/operations.ts'
import { Refusal, Unreachable } from '../domain/errors.ts'
import { type Authority, madeAt, type OperationId } from '../domain/operation.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Identity } from '../domain/ports/identity.ts'
import type { IssuedOperations } from '../domain/ports/issued-operations.ts'
import { type Duration, minutes, seconds } from '../domain/units.ts'
import { askHost, type HostControl, saysOf, type Stand, standAfter } from './host-stand.ts'
import type { Standing } from './parts.ts'
import { NotAsThingsStand } from './refusal-of.ts'

export type ControlOf = (host: string) => HostControl

export interface AuthorityKeeper extends Standing {
  authority(): Authority
  /** Asks a host to obey, in the background: when it is first seen, and whenever it is back. */
  claim(host: string): Promise<void>
  /** Claims all hosts now and then, so that losing one is seen also while nothing is done. */
  start(): void
  stop(): void
  /** Changes on a host, and only while this controller may: see {@link Standing}. */
  guarded(host: string, changes: Changes): Changes
  /** Called when this controller stands back, from all or from one host, and when it does not any more. */
  onChange(listener: () => void): void
}

/** How long one agent may take to say whom it obeys; who is silent longer is asked again when it answers. */
const claimWithin = seconds(20)
const claimAgainEvery: Duration = minutes(1)

/**
 * Whether this controller is the one that the agents obey. Refused anywhere, it is not: it changes nothing on any host, and
 * says so. The same where its store is a copy, or an older state of itself: an agent that has done an operation which our key
 * has signed and the store does not know tells that. Nothing is changed either before every agent was asked once.
 */
export async function keepAuthority(options: {
  hosts: readonly string[]
  control: ControlOf
  identity: Identity
  issued: Pick<IssuedOperations, 'find' | 'add'>
  copyBecause: () => string | undefined
  /** Whether our key has signed this; simulated hosts tell nothing that is signed. */
  isOurs?: (request: OperationRequest) => boolean
  clock: Clock
  /** For the first start: how this controller will be called. */
  name: () => string
}): Promise<AuthorityKeeper> {
  const { hosts, control, identity, issued, copyBecause, isOurs = () => false, clock, name } = options
  const stands = new Map<string, Stand>(hosts.map((host) => [host, { state: 'unasked' }]))
  const listeners = new Set<() => void>()
  /** Controllers from whom an administrator has taken over, by name: hosts that were away then are taken from them too. */
  const takenFrom = new Set<string>()
  let mine = await identity.read()
  if (mine === undefined) {
    mine = { controller: name(), epoch: 1 }
    await identity.claim(mine, clock.now())
  }
  let authority = mine
  /** Operations that may have reached their host: of these no refusal may say that they were never run. */
  const sent = new Set<OperationId>()
  const began = clock.now()
  let callOff: (() => void) | undefined
  let before: string | undefined

  const standsBack = (): string | null => {
    const copy = copyBecause()
    if (copy !== undefined) return `its store is a copy of another one (${copy})`
    for (const stand of stands.values()) if (stand.state === 'lost') return stand.says
    const unasked = [...stands].filter(([, { state }]) => state === 'unasked').map(([host]) => host)
    return unasked.length === 0
      ? null
      : `it has only just begun, and has not asked ${unasked.slice(0, 5).join(', ')} yet`
  }
  const apart = (): string[] => [...stands.values()].flatMap((stand) => (stand.state === 'apart' ? [stand.says] : []))
  const set = (host: string, stand: Stand): void => {
    stands.set(host, stand)
    const now = [standsBack(), ...apart()].join('\n')
    if (now === before) return
    before = now
    for (const listener of listeners) listener()
  }

  const claimOne = async (host: string): Promise<void> => {
    const ours = {
      authority,
      issued,
      isOurs,
      mayBeCopy: copyBecause() !== undefined,
      takeOverFrom: (other: string) => takenFrom.has(other),
    }
    const stand = await askHost(host, control(host), ours, AbortSignal.timeout(claimWithin))
    // What was lost stays lost while the host is away: silence is no consent.
    if (stand.state !== 'silent' || stands.get(host)?.state !== 'lost') set(host, stand)
  }
  const again = (): void => {
    callOff = clock.after(claimAgainEvery, () => {
      void Promise.all(hosts.map(claimOne)).finally(again)
    })
  }

  const mayChange = (host: string, id: OperationId): void => {
    const stand = stands.get(host)
    const back = standsBack()
    const why =
      back !== null
        ? `this controller changes nothing: ${back}`
        : stand?.state === 'apart'
          ? `this controller changes nothing on this host: ${stand.says}`
          : undefined
    if (why !== undefined) {
      if (sent.has(id) || madeAt(id) < began) {
        throw new Unreachable(`${host} is not asked what became of operation ${id}: ${why}`)
      }
      throw new Refusal('stands-back', why, {
        remedy: 'retry',
        hint: back === null ? undefined : 'To make it the one that agents obey: tiercel controller take-over.',
      })
    }
    if (stand?.state !== 'ours') throw new Unreachable(`${host} has not said yet whom it obeys`)
  }

  return {
    controller: authority.controller,
    epoch: () => authority.epoch,
    authority: () => authority,
    standsBack,
    apart,
    claim: claimOne,
    onChange: (listener) => void listeners.add(listener),
    start: again,
    stop: () => callOff?.(),
    guarded: (host, changes) => ({
      ...changes,
      async submit(id: OperationId, operation, signal) {
        mayChange(host, id)
        sent.add(id)
        try {
          return await changes.submit(id, operation, signal)
        } catch (error) {
          if (error instanceof Refusal) {
            sent.delete(id)
            const stand = standAfter(host, error)
            if (stand !== undefined) set(host, stand)
          }
          throw error
        }
      },
      result: async (id, signal) => changes.result(id, signal),
      cancel: async (id, signal) => changes.cancel(id, signal),
      watch: (id, signal) => changes.watch(id, signal),
    }),
    async takeOver(from) {
      const asked = await Promise.all(
        hosts.map(async (host) => {
          try {
            return [{ host, grant: await control(host).grant(AbortSignal.timeout(claimWithin)) }]
          } catch {
            // Who is away is claimed when it is back; what it obeys then decides.
            return []
          }
        }),
      )
      const grants = asked.flat()
      const others = grants.flatMap(({ host, grant }) =>
        grant.authority !== null && grant.authority.controller !== authority.controller
          ? [{ host, obeys: grant.authority.controller }]
          : [],
      )
      const foreign = others.filter(({ obeys }) => !from.includes(obeys))
      if (foreign.length > 0) {
        // Those that were named already are named again: their hosts may be away now.
        const names = [...new Set([...from, ...others.map(({ obeys }) => obeys)])]
        throw new NotAsThingsStand(
          foreign.map(({ host, obeys }) => `${host} obeys ${obeys}`).join(', '),
          `Stop ${names.length === 1 ? 'that controller' : 'those controllers'} first, then name ${names.length === 1 ? 'it' : 'each'}: tiercel controller take-over --from ${names.join(' ')}`,
        )
      }
      if (grants.length === 0 && hosts.length > 0) {
        throw new NotAsThingsStand(
          'no agent answers, so nobody knows which epochs there are',
          'Try again when they do.',
        )
      }
      const epoch = Math.max(authority.epoch, ...grants.map(({ grant }) => grant.authority?.epoch ?? 0)) + 1
      const at = clock.now()
      const next = { controller: authority.controller, epoch }
      await identity.claim(next, at)
      // Only what is stored counts: whoever could not write takes nothing from anybody.
      authority = next
      for (const other of from) takenFrom.add(other)
      for (const { host, grant } of grants) {
        // What was done before this is over with: from here on, what the store does not know is a sign again.
        if (grant.lastOperation !== null && (await issued.find(grant.lastOperation)) === undefined)
          await issued.add({ id: grant.lastOperation, host, run: 'before the take-over', at })
      }
      // Also of who is away: whom it obeyed before this is nothing that holds the others back any more.
      for (const host of hosts) stands.set(host, { state: 'unasked' })
      const said = await Promise.all(
        hosts.map(async (host) => {
          await claimOne(host)
          const stand = stands.get(host) ?? { state: 'unasked' }
          return { host, says: saysOf(stand) }
        }),
      )
      for (const listener of listeners) listener()
      return { epoch, hosts: said }
    },
  }
}
