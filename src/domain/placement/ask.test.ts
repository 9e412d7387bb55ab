import { expect, test } from 'vitest'
import { bench, peerIdOf } from '../../../test/builders/fleet-view.ts'
import { before, now, trouble } from '../../../test/builders/readings.ts'
import type { PinException } from '../pins/pinset-summary.ts'
import { days, minutes } from '../units.ts'
import { asTheyStand, hasUnnamed, referenceOf, withLoss } from './ask.ts'
import { membersOf } from './member.ts'

type Bench = ReturnType<typeof bench>

const pinset = ({ n1 }: Bench) => {
  const summary = n1.store.pinset.last?.value
  if (summary === undefined) throw new Error('the bench has an index')
  return summary
}

const exception = (cid: string, since = before(now, days(1))): PinException => ({
  kind: 'not-pinned',
  cid,
  name: '',
  since,
  reason: '',
})

/** What is asked of the bench after a change, about n1/hot. */
function aboutN1(change: (parts: Bench) => void, isLoss = false) {
  const parts = bench()
  change(parts)
  const members = membersOf(parts.view, 'main')
  const loss = { for: 'loss', without: [parts.n1.peerId], keep: 1 } as const
  const { question, unsure } = isLoss ? withLoss(members, loss) : asTheyStand(members)
  return { holder: question.holders[0], exceptions: question.exceptions, unsure, members }
}

test('copies that the lists call pinned are pinned, and complete where all were walked', () => {
  expect(aboutN1(() => undefined).holder).toMatchObject({ place: 'n1', pinned: 'yes', complete: 'maybe' })
  const walked = aboutN1((parts) => Object.assign(pinset(parts).copies, { pinned: 0, complete: 600 }))
  expect(walked.holder).toMatchObject({ pinned: 'yes', complete: 'yes' })
})

const killed = ({ n1 }: Bench) => void Object.assign(n1.store.kubo, { trouble: trouble('unreachable') })

const suspended = ({ n1 }: Bench) => {
  if (n1.zfs.poolStates.last !== null) n1.zfs.poolStates.last.value = { 'hot-tier': 'SUSPENDED' }
}

test('a Kubo or a pool that is down has no copy now; what would be lost with it is perhaps there', () => {
  expect(aboutN1(killed).holder).toMatchObject({ pinned: 'no', complete: 'no' })
  expect(aboutN1(killed, true).holder).toMatchObject({ pinned: 'maybe' })
  expect(aboutN1(suspended).holder).toMatchObject({ pinned: 'no' })
})

test.each<[string, (parts: Bench) => void]>([
  ['its lists were never read', ({ n1 }) => void Object.assign(n1.store.pinset, { last: null })],
  ['its lists are old', (parts) => void Object.assign(pinset(parts), { readAt: before(now, days(2)) })],
  ['its lists are those of another peer', (parts) => void Object.assign(pinset(parts), { peer: peerIdOf(9) })],
  ['it has too many exceptions to keep', (parts) => void Object.assign(pinset(parts), { unverified: true })],
  ['some of its copies were not found again', (parts) => void Object.assign(pinset(parts).copies, { allocated: 7 })],
  ['its Kubo answers nonsense', ({ n1 }) => void Object.assign(n1.store.kubo, { trouble: trouble('not-understood') })],
  [
    'its Kubo was not looked at lately',
    ({ n1 }) => void Object.assign(n1.store.kubo.last ?? {}, { at: before(now, days(1)) }),
  ],
])('%s: its copies are not known, and why is said', (_why, change) => {
  const { holder, unsure } = aboutN1(change)
  expect(holder).toMatchObject({ pinned: 'maybe', complete: 'maybe' })
  expect(unsure).toHaveLength(1)
  expect(unsure[0]).toMatch(/^n1\/hot: /)
})

test('that is seen here: where nothing is wrong, nothing is unsure', () => {
  expect(aboutN1(() => undefined).unsure).toEqual([])
})

const queued = (parts: Bench) => {
  const { readAt, copies, exceptions } = pinset(parts)
  copies.allocated = 2
  exceptions['not-pinned'] = { count: 2, lasting: 1, examples: [exception('old'), exception('new', readAt)] }
}

test('what was met by one reading only is on its way: it stands, and does not count when something is to be lost', () => {
  expect(aboutN1(queued).exceptions.map(({ cid }) => cid)).toEqual(['old'])
  expect(aboutN1(queued, true).exceptions.map(({ cid }) => cid)).toEqual(['old', 'new'])
})

const many = (parts: Bench) => {
  const summary = pinset(parts)
  summary.copies.allocated = 3
  summary.exceptions['not-pinned'] = { count: 3, lasting: 3, examples: [exception('a')] }
}

test('exceptions that the summary does not name are asked for, or make the peer not known', () => {
  const { holder, members } = aboutN1(many)
  expect(holder).toMatchObject({ pinned: 'maybe' })
  expect(members.map(hasUnnamed)).toEqual([true, false])
  const named = members.map((member) =>
    member.called === 'n1/hot' && member.lists !== undefined
      ? { ...member, lists: { ...member.lists, exceptions: ['a', 'b', 'c'].map((cid) => exception(cid)) } }
      : member,
  )
  const { question } = asTheyStand(named)
  expect(question.holders[0]).toMatchObject({ pinned: 'yes' })
  expect(question.exceptions).toHaveLength(3)
})

test('peers that pin into one Kubo are at one place', () => {
  const parts = bench()
  for (const { store } of [parts.n1, parts.n2]) Object.assign(store.peer.last?.value.kubo ?? {}, { id: 'one' })
  const { question } = asTheyStand(membersOf(parts.view, 'main'))
  expect(question.holders.map(({ place }) => place)).toEqual(['n1', 'n1'])
})

test('a peer outside the fleet is known by name, and nothing of its copies', () => {
  const { view } = bench()
  view.fleet.clusters[0]?.peers.push({ id: peerIdOf(8), name: 'archive' })
  const { question } = asTheyStand(membersOf(view, 'main'))
  expect(question.holders[2]).toEqual({
    peer: peerIdOf(8),
    place: `peer ${peerIdOf(8)}`,
    pinned: 'maybe',
    complete: 'maybe',
  })
})

test('the pinset that most peers have is judged, and of those the one read last', () => {
  const parts = bench()
  const [one, two] = membersOf(parts.view, 'main')
  if (one?.lists === undefined || two?.lists === undefined) throw new Error('the bench has indexes')
  const older = { ...two, lists: { ...two.lists, age: minutes(9) } }
  expect(referenceOf([older, one])).toMatchObject({ member: { called: 'n1/hot' }, others: 0 })
  const odd = { ...one, lists: { ...one.lists, summary: { ...one.lists.summary, digest: 'other' } } }
  expect(referenceOf([odd, two, older])).toMatchObject({ member: { called: 'n2/hot' }, others: 1 })
  expect(referenceOf([])).toBeUndefined()
})

const failed = (isInKubo: boolean) => (parts: Bench) => {
  const summary = pinset(parts)
  summary.copies.allocated = 1
  const told = { ...exception('a'), kind: 'in-error' as const, ...(isInKubo ? { isInKubo: true as const } : {}) }
  summary.exceptions['in-error'] = { count: 1, lasting: 1, examples: [told] }
}

test('what a peer has given up on, and its Kubo has all the same, can be lost with it', () => {
  expect(aboutN1(failed(false), true).exceptions).toMatchObject([{ cid: 'a', level: 'allocated' }])
  expect(aboutN1(failed(true), true).exceptions).toMatchObject([{ cid: 'a', level: 'unseen' }])
})

const wrong = ({ fleet }: Bench) => void Object.assign(fleet.hosts[0]?.stores[0] ?? {}, { peer: peerIdOf(9) })

test('a peer that may be another is known by no name when something is to be lost', () => {
  expect(aboutN1(wrong, true).holder).toMatchObject({ peer: 'n1/hot', pinned: 'maybe' })
  expect(aboutN1(wrong).holder).toMatchObject({ peer: peerIdOf(9), pinned: 'maybe' })
})
