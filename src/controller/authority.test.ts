import { expect, test } from 'vitest'
import { now } from '../../test/builders/readings.ts'
import { Refusal, Unreachable } from '../domain/errors.ts'
import { makeId } from '../domain/make-id.ts'
import { apiVersion } from '../domain/observation.ts'
import type { Authority, OperationId } from '../domain/operation.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { IssuedOperation } from '../domain/ports/issued-operations.ts'
import { Instant } from '../domain/units.ts'
import { keepAuthority } from './authority.ts'
import type { OperationRequest } from '../api/operations.ts'
import { signerFor } from '../../test/builders/signer.ts'

/** What a controller's store keeps of it. */
interface Memory {
  identity: Authority | undefined
  copy: string | undefined
  isFull?: boolean
}

/** An agent's own rules about whom it obeys, as src/agent has them. */
interface FakeAgent {
  obeys: Authority | null
  lastOperation: OperationId | null
  /** Where it is told: that operation as it was asked for. */
  lastRequest?: OperationRequest
  /** It has noted no key, and nobody shows its grant token. */
  isUngranted?: boolean
  isAway: boolean
}

function bench(names: readonly string[] = ['n1', 'n2']) {
  const agents = new Map(
    names.map((name): [string, FakeAgent] => [name, { obeys: null, lastOperation: null, isAway: false }]),
  )
  const agent = (name: string): FakeAgent => {
    const found = agents.get(name)
    if (found === undefined) throw new Error(`no ${name}`)
    if (found.isAway) throw new Unreachable(`nobody answers at ${name}`)
    return found
  }
  const issued = new Map<OperationId, IssuedOperation | 'forgotten'>()
  const submitted: string[] = []
  const store: Memory = { identity: undefined, copy: undefined }
  const changes = (name: string): Changes => ({
    async submit(id) {
      submitted.push(name)
      agent(name).lastOperation = id
      return { state: 'accepted' }
    },
    result: async () => undefined,
    cancel: async () => undefined,
    async *watch() {},
  })
  const keep = async (name: string, memory: Memory = store) =>
    keepAuthority({
      hosts: names,
      control: (host) => ({
        grant: async () => ({
          apiVersion,
          host,
          authority: agent(host).obeys,
          lastOperation: agent(host).lastOperation,
          lastRequest: agent(host).lastRequest ?? null,
        }),
        async claim(authority, { takeOver }) {
          const each = agent(host)
          const { obeys } = each
          if (each.isUngranted === true) throw new Refusal('not-granted', 'it has noted no key', { hint: 'grant it' })
          if (obeys !== null && obeys.controller !== authority.controller && !takeOver)
            throw new Refusal('other-controller', `it obeys ${obeys.controller}`)
          if (obeys !== null && obeys.epoch > authority.epoch)
            throw new Refusal('older-epoch', `it obeys epoch ${obeys.epoch}`)
          each.obeys = authority
          return { apiVersion, host, authority, lastOperation: each.lastOperation }
        },
      }),
      identity: {
        read: async () => memory.identity,
        async claim(authority) {
          if (memory.isFull === true) throw new Error('no room')
          memory.identity = authority
          memory.copy = undefined
        },
      },
      issued: { find: async (id) => issued.get(id), add: async (one) => void issued.set(one.id, one) },
      copyBecause: () => memory.copy,
      isOurs: ({ signature }) => signature === ourSignature,
      clock: { now: () => now, after: () => () => undefined },
      name: () => name,
    })
  const claimAll = async (keeper: Awaited<ReturnType<typeof keep>>) => {
    for (const name of names) await keeper.claim(name)
  }
  return { agents, agent, issued, submitted, store, changes, keep, claimAll }
}

const ourSignature = signerFor('c1').sign('anything')

/** The newest operation of a host, as its agent tells it. */
const requestOf = (host: string, id: OperationId, signature = ourSignature): OperationRequest => ({
  apiVersion,
  host,
  id,
  authority: { controller: 'c1', epoch: 1 },
  operation: mark,
  at: now,
  signature,
})

const mark = { kind: 'practice-unmark', mark: 'x' } as const

test('a first controller is obeyed by all, and may change then, not before', async () => {
  const { keep, claimAll, changes, submitted } = bench()
  const one = await keep('c1')
  expect(one.standsBack()).toContain('has not asked n1, n2 yet')
  await expect(one.guarded('n1', changes('n1')).submit(makeId(now), mark)).rejects.toBeInstanceOf(Refusal)
  expect(submitted).toEqual([])
  await claimAll(one)
  expect(one.standsBack()).toBeNull()
  await one.guarded('n1', changes('n1')).submit(makeId(now), mark)
  expect(submitted).toEqual(['n1'])
})

test('a second controller is refused, says by whom, and changes nothing anywhere', async () => {
  const { keep, claimAll, changes, submitted, agents } = bench()
  await claimAll(await keep('c1'))
  const free = agents.get('n2')
  if (free !== undefined) free.obeys = null
  const second = await keep('c2', { identity: undefined, copy: undefined })
  await claimAll(second)
  expect(second.standsBack()).toContain('n1: it obeys c1')
  await expect(second.guarded('n2', changes('n2')).submit(makeId(now), mark)).rejects.toThrow('changes nothing')
  expect(submitted).toEqual([])
})

test('an agent that does not answer holds back only what is for itself', async () => {
  const { keep, claimAll, changes, agents } = bench()
  const away = agents.get('n2')
  if (away !== undefined) away.isAway = true
  const one = await keep('c1')
  await claimAll(one)
  expect(one.standsBack()).toBeNull()
  await expect(one.guarded('n2', changes('n2')).submit(makeId(now), mark)).rejects.toBeInstanceOf(Unreachable)
  await one.guarded('n1', changes('n1')).submit(makeId(now), mark)
})

test('an operation of ours that the store does not know: the store is an older copy, and nothing is changed', async () => {
  const { keep, claimAll, agent, issued, changes, submitted, store } = bench()
  await claimAll(await keep('c1'))
  const known = makeId(now)
  issued.set(known, { id: known, host: 'n1', run: 'r', at: now })
  agent('n1').lastOperation = known
  const same = await keep('c1', store)
  await claimAll(same)
  expect(same.standsBack()).toBeNull()

  const unknown = makeId(now)
  agent('n2').lastOperation = unknown
  agent('n2').lastRequest = requestOf('n2', unknown)
  const copy = await keep('c1', store)
  await claimAll(copy)
  expect(copy.standsBack()).toContain('older copy')
  await expect(copy.guarded('n1', changes('n1')).submit(makeId(now), mark)).rejects.toThrow('changes nothing')
  expect(submitted).toEqual([])
  expect(agent('n2').obeys).toEqual({ controller: 'c1', epoch: 1 })
})

test('a store that shows signs of a copy claims nothing, until it takes over; then the original is refused', async () => {
  const { keep, claimAll, agent, changes, store } = bench()
  const original = await keep('c1')
  await claimAll(original)
  const copied = { identity: store.identity, copy: 'it was put back from a backup' }
  const copy = await keep('c1', copied)
  await claimAll(copy)
  expect(copy.standsBack()).toContain('put back from a backup')
  const { epoch, hosts } = await copy.takeOver([])
  expect(epoch).toBe(2)
  expect(hosts).toEqual([
    { host: 'n1', says: 'obeys' },
    { host: 'n2', says: 'obeys' },
  ])
  expect(copy.standsBack()).toBeNull()
  await copy.guarded('n1', changes('n1')).submit(makeId(now), mark)
  expect(agent('n1').obeys).toEqual({ controller: 'c1', epoch: 2 })
  await claimAll(original)
  expect(original.standsBack()).toContain('somebody has taken over')
})

test('a fleet is taken from another controller by its name, and from nobody else', async () => {
  const { keep, claimAll, agent } = bench()
  const first = await keep('c1')
  await claimAll(first)
  const second = await keep('c2', { identity: undefined, copy: undefined })
  await claimAll(second)
  await expect(second.takeOver([])).rejects.toThrow('n1 obeys c1')
  await expect(second.takeOver(['c3'])).rejects.toThrow('n1 obeys c1')
  expect(agent('n1').obeys).toEqual({ controller: 'c1', epoch: 1 })
  await second.takeOver(['c1'])
  expect(agent('n1').obeys).toEqual({ controller: 'c2', epoch: 2 })
  expect(second.standsBack()).toBeNull()
  await claimAll(first)
  expect(first.standsBack()).toContain('c2')
})

test('hosts that obey different controllers are taken when each is named, and the refusal names each', async () => {
  const { keep, agent } = bench()
  await (await keep('c1')).claim('n1')
  await (await keep('c2', { identity: undefined, copy: undefined })).claim('n2')
  const third = await keep('c3', { identity: undefined, copy: undefined })
  await expect(third.takeOver(['c1'])).rejects.toMatchObject({
    message: 'n2 obeys c2',
    hint: expect.stringContaining('take-over --from c1 c2'),
  })
  await third.takeOver(['c1', 'c2'])
  expect([agent('n1').obeys?.controller, agent('n2').obeys?.controller]).toEqual(['c3', 'c3'])
})

test('a host that was away while its fleet was taken over is taken when it is back', async () => {
  const { keep, claimAll, agent, agents } = bench()
  await claimAll(await keep('c1'))
  const second = await keep('c2', { identity: undefined, copy: undefined })
  const away = agents.get('n2')
  if (away !== undefined) away.isAway = true
  expect((await second.takeOver(['c1'])).hosts[1]?.says).toContain('does not answer')
  if (away !== undefined) away.isAway = false
  await second.claim('n2')
  expect(agent('n2').obeys).toEqual({ controller: 'c2', epoch: 2 })
})

test('a take-over that cannot be stored takes nothing, and what was named for it counts no more', async () => {
  const { keep, claimAll, agent } = bench()
  await claimAll(await keep('c1'))
  const memory: Memory = { identity: undefined, copy: undefined }
  const second = await keep('c2', memory)
  await claimAll(second)
  memory.isFull = true
  await expect(second.takeOver(['c1'])).rejects.toThrow('no room')
  expect(second.epoch()).toBe(1)
  await second.claim('n1')
  expect(agent('n1').obeys).toEqual({ controller: 'c1', epoch: 1 })
  // The control: with room it is taken.
  memory.isFull = false
  await second.takeOver(['c1'])
  expect(agent('n1').obeys).toEqual({ controller: 'c2', epoch: 2 })
})

test('whoever names one of two controllers is told both', async () => {
  const { keep, agents } = bench()
  await (await keep('c1')).claim('n1')
  await (await keep('c2', { identity: undefined, copy: undefined })).claim('n2')
  const away = agents.get('n1')
  if (away !== undefined) away.isAway = true
  const third = await keep('c3', { identity: undefined, copy: undefined })
  await expect(third.takeOver(['c1'])).rejects.toMatchObject({ hint: expect.stringContaining('--from c1 c2') })
})

test('a refusal on the way is a loss from then on', async () => {
  const { keep, claimAll, changes } = bench()
  const one = await keep('c1')
  await claimAll(one)
  const refusing: Changes = {
    ...changes('n1'),
    submit: async () => {
      throw new Refusal('older-epoch', 'it obeys epoch 9')
    },
  }
  await expect(one.guarded('n1', refusing).submit(makeId(now), mark)).rejects.toThrow('epoch 9')
  expect(one.standsBack()).toContain('epoch 9')
  await expect(one.guarded('n2', changes('n2')).submit(makeId(now), mark)).rejects.toThrow('changes nothing')
})

test('a host that obeyed another and has died since holds nobody back after the take-over by name', async () => {
  const { keep, claimAll, changes, agents } = bench()
  await claimAll(await keep('c1'))
  const second = await keep('c2', { identity: undefined, copy: undefined })
  await claimAll(second)
  expect(second.standsBack()).toContain('it obeys c1')
  const dead = agents.get('n1')
  if (dead !== undefined) dead.isAway = true
  await second.takeOver(['c1'])
  expect(second.standsBack()).toBeNull()
  await second.guarded('n2', changes('n2')).submit(makeId(now), mark)
})

test('who stands back says of nothing that may have reached a host that it was never run', async () => {
  const { keep, claimAll, changes, agent } = bench()
  const one = await keep('c1')
  await claimAll(one)
  const sent = makeId(now)
  const through = one.guarded('n1', {
    ...changes('n1'),
    submit: async () => {
      throw new Unreachable('the answer was lost')
    },
  })
  await expect(through.submit(sent, mark)).rejects.toBeInstanceOf(Unreachable)
  agent('n2').obeys = { controller: 'c2', epoch: 9 }
  await one.claim('n2')
  await expect(through.submit(sent, mark)).rejects.toBeInstanceOf(Unreachable)
  // From before this process began: it may have been sent by the one before it.
  await expect(through.submit(makeId(Instant.parse(now - 1)), mark)).rejects.toBeInstanceOf(Unreachable)
  await expect(through.submit(makeId(now), mark)).rejects.toBeInstanceOf(Refusal)
})

test('what one host tells of us and nobody can prove holds back changes on this host alone', async () => {
  const { keep, claimAll, changes, agent, store, submitted, issued } = bench()
  await claimAll(await keep('c1'))
  const newIssued = () => {
    const id = makeId(now)
    issued.set(id, { id, host: '', run: 'r', at: now })
    return id
  }
  const [unknown, other] = [makeId(now), makeId(now)]
  agent('n2').lastOperation = unknown
  for (const lastRequest of [
    undefined,
    requestOf('n2', unknown, signerFor('eve').sign('anything')),
    requestOf('n1', unknown),
    requestOf('n2', other),
  ]) {
    if (lastRequest !== undefined) agent('n2').lastRequest = lastRequest
    const one = await keep('c1', store)
    await claimAll(one)
    expect(one.standsBack()).toBeNull()
    expect(one.apart()).toEqual([expect.stringContaining(`n2 tells of an operation ${unknown}`)])
    await one.guarded('n1', changes('n1')).submit(newIssued(), mark)
    await expect(one.guarded('n2', changes('n2')).submit(makeId(now), mark)).rejects.toBeInstanceOf(Refusal)
  }
  expect(new Set(submitted)).toEqual(new Set(['n1']))
  // A person has looked: what was done before the take-over is over with.
  const one = await keep('c1', store)
  await one.takeOver([])
  expect(one.apart()).toEqual([])
  await one.guarded('n2', changes('n2')).submit(makeId(now), mark)
})

test('a host that has noted no key of ours is told with what to do there, and holds nobody else back', async () => {
  const { keep, claimAll, changes, agent } = bench()
  const heard: string[][] = []
  agent('n1').isUngranted = true
  const one = await keep('c1')
  one.onChange(() => heard.push(one.apart()))
  await claimAll(one)
  expect(one.standsBack()).toBeNull()
  expect(heard.at(-1)).toEqual(['n1: it has noted no key (grant it)'])
  await one.guarded('n2', changes('n2')).submit(makeId(now), mark)
  await expect(one.guarded('n1', changes('n1')).submit(makeId(now), mark)).rejects.toThrow('grant it')
  agent('n1').isUngranted = false
  await one.claim('n1')
  expect(heard.at(-1)).toEqual([])
  await one.guarded('n1', changes('n1')).submit(makeId(now), mark)
})

test('what the store has forgotten itself is no sign of a copy', async () => {
  const { keep, claimAll, changes, agent, store, issued } = bench()
  await claimAll(await keep('c1'))
  const old = makeId(now)
  agent('n1').lastOperation = old
  agent('n1').lastRequest = requestOf('n1', old)
  issued.set(old, 'forgotten')
  const one = await keep('c1', store)
  await claimAll(one)
  expect([one.standsBack(), ...one.apart()]).toEqual([null])
  await one.guarded('n1', changes('n1')).submit(makeId(now), mark)
  // The control: what it has never known.
  issued.delete(old)
  agent('n1').lastOperation = old
  await one.claim('n1')
  expect(one.standsBack()).toContain('older copy')
})
