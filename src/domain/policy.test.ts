import { expect, test } from 'vitest'
import { judgeByPolicy, operationKinds, Policy, type PolicyView } from './policy.ts'

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
  expect(judgeByPolicy(policy, kind, pool)).toEqual({ isAllowed, says })
})

test('what no line names is refused', () => {
  expect(judgeByPolicy({ ...policy, allow: [] }, 'scrub-stop', 'hot-tier')).toEqual({
    isAllowed: false,
    says: 'no line of /etc/tiercel/policy.yaml allows scrub-stop',
  })
})

test('a host is only observed without a policy, without a mode, and where it says so, whatever it allows', () => {
  const quiet = { ...policy, mode: 'observe-only' } as const
  expect(judgeByPolicy({ ...quiet, isThere: false }, 'scrub-stop', 'x').says).toContain('there is no /etc/tiercel')
  expect(judgeByPolicy({ ...quiet, modeLine: null }, 'scrub-stop', 'x').says).toContain('gives no mode')
  expect(judgeByPolicy(quiet, 'scrub-stop', 'x')).toMatchObject({
    isAllowed: false,
    says: expect.stringContaining('policy.yaml:2 says mode: observe-only'),
  })
  // The control: the same lines allow it where they count.
  expect(judgeByPolicy(policy, 'scrub-stop', 'x').isAllowed).toBe(true)
  expect(Policy.parse({ apiVersion: 1 })).toMatchObject({ mode: 'observe-only', allow: [] })
})

test('practice is allowed everywhere, and nothing else is by itself', () => {
  const none: PolicyView = { ...policy, isThere: false, mode: 'observe-only', allow: [] }
  const allowed = operationKinds.filter((kind) => judgeByPolicy(none, kind, 'hot-tier').isAllowed)
  expect(allowed).toEqual(['practice-mark', 'practice-unmark'])
})
