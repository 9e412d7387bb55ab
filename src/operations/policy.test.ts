import { expect, test } from 'vitest'
import { everythingAllowed, judgeByPolicy, judgeKind, Policy, type PolicyView } from './policy.ts'
import { operationNamed, operations, scopeKindsOf } from './registry.ts'

const policy: PolicyView = {
  file: '/etc/tiercel/policy.yaml',
  isThere: true,
  mode: 'operate',
  modeLine: 2,
  allow: [
    { operations: ['scrub-start', 'scrub-pause'], pools: ['hot-tier'], line: 4 },
    { operations: ['scrub-stop'], pools: ['*'], line: 6 },
  ],
}

/** By the words of an operation on a pool. */
const judge = (by: PolicyView, kind: string, pool: string) =>
  judgeByPolicy(by, { kind, pool, guid: '1', ...(kind === 'scrub-start' ? { errorsOnly: false } : {}) })

test.each([
  ['scrub-start', 'hot-tier', true, '/etc/tiercel/policy.yaml:4 allows scrub-start on hot-tier'],
  ['scrub-stop', 'anything', true, '/etc/tiercel/policy.yaml:6 allows scrub-stop on anything'],
  [
    'scrub-start',
    'cold-tier',
    false,
    'no line of /etc/tiercel/policy.yaml allows scrub-start on cold-tier: line 4 allows it on hot-tier only',
  ],
] as const)('%s on %s: %s', (kind, pool, isAllowed, says) => {
  expect(judge(policy, kind, pool)).toEqual({ isAllowed, says })
})

test('what no line names is refused', () => {
  expect(judge({ ...policy, allow: [] }, 'scrub-stop', 'hot-tier')).toEqual({
    isAllowed: false,
    says: 'no line of /etc/tiercel/policy.yaml allows scrub-stop',
  })
})

test('a host is only observed without a policy, without a mode, and where it says so, whatever it allows', () => {
  const quiet = { ...policy, mode: 'observe-only' } as const
  expect(judge({ ...quiet, isThere: false }, 'scrub-stop', 'x').says).toContain('there is no /etc/tiercel')
  expect(judge({ ...quiet, modeLine: null }, 'scrub-stop', 'x').says).toContain('gives no mode')
  expect(judge(quiet, 'scrub-stop', 'x')).toMatchObject({
    isAllowed: false,
    says: expect.stringContaining('policy.yaml:2 says mode: observe-only'),
  })
  // The control: the same lines allow it where they count.
  expect(judge(policy, 'scrub-stop', 'x').isAllowed).toBe(true)
  expect(Policy.parse({ apiVersion: 1 })).toMatchObject({ mode: 'observe-only', allow: [] })
})

test('practice is allowed everywhere, and nothing else is by itself', () => {
  const none: PolicyView = { ...policy, isThere: false, mode: 'observe-only', allow: [] }
  const allowed = operations.filter((one) => judgeByPolicy(none, one.example).isAllowed)
  expect(allowed.map(({ kind }) => kind)).toEqual(['practice-mark', 'practice-unmark'])
  // The control: lines that allow everything allow each of them.
  const all = { ...policy, allow: everythingAllowed().map((line) => ({ ...line, line: 1 })) }
  expect(operations.filter((one) => !judgeByPolicy(all, one.example).isAllowed)).toEqual([])
})

test('what this release does not know is refused, and without a name only what is allowed on any is', () => {
  expect(judgeByPolicy(policy, { kind: 'pool-destroy' })).toMatchObject({ isAllowed: false })
  const [start, stop] = ['scrub-start', 'scrub-stop'].map((kind) => operationNamed(kind))
  if (start === undefined || stop === undefined) throw new Error('no scrub')
  const anything = (one: typeof start) => scopeKindsOf(one).map((kind) => ({ kind, name: '' }))
  expect(judgeKind(policy, stop, anything(stop))).toMatchObject({ isAllowed: true })
  expect(judgeKind(policy, start, anything(start))).toMatchObject({ isAllowed: false })
})

test.each([
  [
    { operations: ['scrub-start'], datasets: ['*'] },
    'scrub-start is about pools, not about datasets; write: - { operations: [scrub-start], pools: [',
  ],
  [{ operations: ['scrub-start'] }, 'scrub-start is about pools, of which pools are not named; write: '],
  [{ operations: ['scrub-start'], pools: ['a'], units: ['*'] }, 'not about units'],
])('a line whose things are not those of its operations is refused, with what to write: %j', (entry, says) => {
  const read = Policy.safeParse({ apiVersion: 1, mode: 'operate', allow: [entry] })
  expect(read.error?.issues.map(({ message }) => message).join('\n')).toContain(says)
  // The control, and a policy of before there were other things than pools.
  const good = { operations: ['scrub-start', 'scrub-stop', 'practice-mark'], pools: ['a'] }
  expect(Policy.safeParse({ apiVersion: 1, mode: 'operate', allow: [good] }).success).toBe(true)
})
