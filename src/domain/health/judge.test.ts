import { expect, test } from 'vitest'
import { bench } from '../../../test/builders/fleet-view.ts'
import { disk } from '../../../test/builders/pool-status.ts'
import { before, now, trouble } from '../../../test/builders/readings.ts'
import { hours } from '../units.ts'
import type { Check } from './check.ts'
import type { Finding, Severity } from './finding.ts'
import { Health, judge } from './judge.ts'

test('a healthy fleet has no finding, and is ok', () => {
  const { view } = bench()
  expect(judge(view)).toEqual({
    at: now,
    status: 'ok',
    hosts: ['n1', 'n2'],
    findings: [],
    totals: {
      findings: { critical: 0, unknown: 0, warning: 0, info: 0, ok: 0 },
      declared: { hosts: 2, stores: 2, pools: 2, peers: 2 },
      observed: { hosts: 2, stores: 2, pools: 2, disks: 4, peers: 2 },
    },
  })
})

const saying = (...found: [Severity, string, string?][]): Check => ({
  code: 'TEST',
  title: 'A check of this test',
  severities: ['critical', 'unknown', 'warning', 'info', 'ok'],
  explanation: { meaning: '', endangers: '', remedy: '', sources: [] },
  find: () =>
    found.map(([severity, host, store]): Finding => ({
      code: 'TEST',
      severity,
      subject: store === undefined ? host : `${host}/${store}`,
      place: { kind: 'host', host, store },
      summary: '',
      evidence: [],
      endangers: '',
      remedy: '',
    })),
})

test('the worst is first: critical, unknown, warning, info, ok; then by host and store', () => {
  const { view } = bench()
  const check = saying(
    ['ok', 'n1'],
    ['warning', 'n10'],
    ['warning', 'n2', 'warm'],
    ['warning', 'n2', 'hot'],
    ['info', 'n1'],
    ['unknown', 'n1'],
    ['critical', 'n3'],
  )
  const { findings, totals, status } = judge(view, [check])
  expect(findings.map(({ severity, subject }) => `${severity} ${subject}`)).toEqual([
    'critical n3',
    'unknown n1',
    'warning n2/hot',
    'warning n2/warm',
    'warning n10',
    'info n1',
    'ok n1',
  ])
  expect(totals.findings).toEqual({ critical: 1, unknown: 1, warning: 3, info: 1, ok: 1 })
  expect(status).toBe('critical')
})

test.each([
  ['an info counts as ok', [saying(['info', 'n1'])], 'ok'],
  ['a warning counts', [saying(['warning', 'n1'], ['info', 'n1'])], 'warning'],
  ['unknown is worse than a warning', [saying(['warning', 'n1'], ['unknown', 'n1'])], 'unknown'],
  ['no check finds nothing', [], 'ok'],
] as const)('%s', (_, checks, status) => {
  expect(judge(bench().view, checks).status).toBe(status)
})

test('a host that does not answer is declared and not observed', () => {
  const { view } = bench()
  const [first, second] = view.hosts
  if (first === undefined || second === undefined) throw new Error('the bench has two hosts')
  const hosts = [{ ...first, contact: { state: 'unreachable' as const, error: 'connection refused', at: now } }, second]
  const { totals, status } = judge({ ...view, hosts })
  expect(totals.declared).toEqual({ hosts: 2, stores: 2, pools: 2, peers: 2 })
  expect(totals.observed).toEqual({ hosts: 1, stores: 1, pools: 1, disks: 2, peers: 2 })
  expect(status).toBe('unknown')
})

test('what it gives is valid by its schema', () => {
  const { view, n1 } = bench()
  Object.assign(n1.sda, disk('sda', { state: 'FAULTED' }))
  n1.zfs.poolStatus.trouble = trouble('stuck', { since: before(now, hours(1)) })
  const health = judge(view)
  expect(Health.parse(health)).toEqual(health)
})
