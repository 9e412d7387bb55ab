import { expect, test } from 'vitest'
import type { Finding } from '../domain/health/finding.ts'
import type { Health } from '../domain/health/judge.ts'
import { Instant } from '../domain/units.ts'
import type { Mute } from '../domain/health/mute.ts'
import type { Report } from '../domain/health/report.ts'
import { exitStatus, healthJson, renderLong, renderNagios } from './render-health.ts'

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
  expect(renderLong(health([finding({})], 'warning'), plain)).toEqual([
    'WARNING · 2 of 2 hosts seen · 1 warning · 2 stores, 2 pools, 4 disks, 2 peers',
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

test('figures are told in the units of people', () => {
  const evidence = [
    { what: 'used of tank (bytes)', value: 1_649_267_441_664, source: 'zfs list' },
    { what: 'scrub share done', value: 0.004166, source: 'zpool status' },
    { what: 'read errors', value: 0, source: 'zpool status' },
    { what: 'last look', value: null, source: 'zpool status' },
  ]
  expect(renderLong(health([finding({ evidence })], 'warning'), plain).join('\n')).toMatch(
    /used of tank: 1\.5 TiB \(zfs list\)[^]*scrub share done: 0\.4 % [^]*read errors: 0 [^]*last look: not known/,
  )
})

test('says so when nothing is wrong', () => {
  expect(renderLong(health([], 'ok'), plain)[0]).toContain('OK · 2 of 2 hosts seen · nothing is wrong')
})

test('what a disk or a peer says cannot steer the terminal', () => {
  const hostile = finding({ summary: 'file \u001b[2Jgone\nOK everything is fine' })
  const lines = renderLong(health([hostile], 'warning'), plain).join('\n')
  expect(lines).not.toContain('\u001b')
  expect(lines).toContain(String.raw`\x1b[2Jgone\nOK`)
})

test('uses colours only where it may', () => {
  const coloured = renderLong(health([finding({})], 'warning'), { colours: true, columns: 100 }).join('\n')
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

const mute: Mute = {
  id: 'm1',
  code: 'POOL_DEGRADED',
  planned: false,
  by: 'ann',
  reason: 'disk comes|at noon',
  at,
  until: Instant.parse(at + 4 * 3_600_000),
  covers: [],
}
const muted = (over: Partial<Report> = {}): Report => ({
  ...health([], 'ok'),
  muted: [{ finding: finding({ severity: 'unknown' }), mute }],
  ended: [],
  warnings: ['what is muted here is not known: POOL_DEGRADED n1/hot-tier'],
  ...over,
})

test('what is muted is shown apart, by whom, until when and why, and never as nothing', () => {
  expect(renderLong(muted(), plain)).toEqual([
    'OK · 2 of 2 hosts seen · nothing to show · 1 muted · 2 stores, 2 pools, 4 disks, 2 peers',
    '',
    'n1  OK but for what is muted',
    '',
    'n2  OK',
    '',
    'muted',
    '  UNKNOWN POOL_DEGRADED  n1/hot-tier',
    '              Pool hot-tier on n1 has lost some of its protection.',
    '    muted     by ann until 2027-01-15 12:00 UTC (in 4 h), because: disk comes|at noon  (m1)',
    '',
    'warning: what is muted here is not known: POOL_DEGRADED n1/hot-tier',
  ])
  expect(renderNagios(muted())).toBe(
    'TIERCEL OK - nothing to show - muted: POOL_DEGRADED n1/hot-tier by ann until 2027-01-15 12:00 UTC - warning: what is muted here is not known: POOL_DEGRADED n1/hot-tier | critical=0 unknown=0 warning=0 info=0 ok=0 muted=1',
  )
  const json = JSON.parse(healthJson(muted())) as Record<string, unknown>
  expect(json).toMatchObject({ status: 'ok', findings: [], warnings: [expect.stringContaining('not known')] })
  expect(json['muted']).toMatchObject([
    { code: 'POOL_DEGRADED', mute: { id: 'm1', until: '2027-01-15T12:00:00.000Z' } },
  ])
})

test('says that a mute has ended, and why', () => {
  const ended = [{ id: 'm1', code: 'POOL_DEGRADED', by: 'ann', reason: 'x', endedAt: at, because: 'worse' as const }]
  expect(renderLong(muted({ muted: [], warnings: [], ended }), plain)).toContain(
    '  POOL_DEGRADED  2027-01-15 08:00 UTC: the finding got worse (m1 by ann: x)',
  )
})

test('a part is not told as the whole', () => {
  const left = { critical: 1, unknown: 2, warning: 0, info: 0, ok: 0 }
  const part = muted({ muted: [], warnings: [], narrowing: { asked: '--host n1', left } })
  const lines = renderLong(part, plain)
  expect(lines).toEqual([
    'OK · 2 of 2 hosts seen · nothing to show · 2 stores, 2 pools, 4 disks, 2 peers',
    'filtered by --host n1; not shown: 1 critical, 2 unknown',
  ])
  expect(renderNagios(part)).toContain('TIERCEL OK - nothing to show (filtered by --host n1) |')
  expect(JSON.parse(healthJson(part))).toMatchObject({ filter: { asked: '--host n1', left } })
})
