import { expect, test } from 'vitest'
import type { Finding } from '../domain/health/finding.ts'
import type { Health } from '../domain/health/judge.ts'
import { Instant } from '../domain/units.ts'
import { exitStatus, healthJson, renderHealth, renderNagios } from './render-health.ts'

const at = Instant.parse(1_800_000_000_000)
const finding = (over: Partial<Finding>): Finding => ({
  code: 'POOL_DEGRADED',
  severity: 'warning',
  subject: 'n1/hot-tier',
  place: { kind: 'pool', host: 'n1', store: 'hot' },
  summary: 'Pool hot-tier on n1 has lost some of its protection.',
  evidence: [{ what: 'state', value: 'DEGRADED', source: 'zpool status -v', observedAt: Instant.parse(at - 30_000) }],
  endangers: 'One more failed disk loses the pool.',
  remedy: 'Replace the disk.',
  ...over,
})
const health = (findings: Finding[], status: Health['status']): Health => ({
  at,
  status,
  hosts: ['n1', 'n2'],
  findings,
  totals: {
    findings: { critical: 0, unknown: 0, warning: findings.length, info: 0, ok: 0 },
    declared: { hosts: 2, stores: 2, pools: 2, peers: 2 },
    observed: { hosts: 2, stores: 2, pools: 2, disks: 4, peers: 2 },
  },
})
const plain = { colours: false, columns: 100 }

test('tells what is wrong, on what evidence and how old, what it endangers and what to do', () => {
  expect(renderHealth(health([finding({})], 'warning'), plain)).toEqual([
    'WARNING  1 warning  (2 hosts, 2 stores, 2 pools, 4 disks, 2 peers)',
    '',
    'n1 / hot  WARNING',
    '  WARNING POOL_DEGRADED  n1/hot-tier',
    '              Pool hot-tier on n1 has lost some of its protection.',
    '    seen      state: DEGRADED (zpool status -v, 30 s ago)',
    '    endangers One more failed disk loses the pool.',
    '    do        Replace the disk.',
    '',
    'n2  OK',
  ])
})

test('says so when nothing is wrong', () => {
  expect(renderHealth(health([], 'ok'), plain)[0]).toContain('OK  nothing is wrong')
})

test('what a disk or a peer says cannot steer the terminal', () => {
  const hostile = finding({ summary: 'file \u001b[2Jgone\nOK everything is fine' })
  const lines = renderHealth(health([hostile], 'warning'), plain).join('\n')
  expect(lines).not.toContain('\u001b')
  expect(lines).toContain(String.raw`\x1b[2Jgone\nOK`)
})

test('uses colours only where it may', () => {
  const coloured = renderHealth(health([finding({})], 'warning'), { colours: true, columns: 100 }).join('\n')
  expect(coloured).toContain('\u001b[')
})

test('exit statuses are those of monitoring plugins', () => {
  expect((['ok', 'info', 'warning', 'critical', 'unknown'] as const).map(exitStatus)).toEqual([0, 0, 1, 2, 3])
})

test('one line for Nagios, with counters behind the only bar', () => {
  const line = renderNagios(health([finding({ subject: 'n1/a|b' })], 'warning'))
  expect(line).toBe('TIERCEL WARNING - POOL_DEGRADED n1/a/b | critical=0 unknown=0 warning=1 info=0 ok=0')
})

test('JSON has the promised fields, with instants in ISO 8601', () => {
  const parsed = JSON.parse(healthJson(health([finding({})], 'warning'))) as Record<string, unknown>
  expect(Object.keys(parsed)).toEqual(['at', 'status', 'findings', 'totals'])
  expect(parsed['at']).toBe('2027-01-15T08:00:00.000Z')
  expect(parsed['findings']).toMatchObject([
    { code: 'POOL_DEGRADED', subject: 'n1/hot-tier', evidence: [{ observedAt: '2027-01-15T07:59:30.000Z' }] },
  ])
})
