import { expect, test } from 'vitest'
import { Instant } from '../units.ts'
import type { Finding } from './finding.ts'
import { narrowed, type Narrow } from './narrow.ts'
import type { Report } from './report.ts'

const finding = (code: string, severity: Finding['severity'], place: Finding['place']): Finding => ({
  code,
  severity,
  subject: `${place.host}/${place.store}`,
  place,
  summary: '',
  evidence: [],
  endangers: '',
  remedy: '',
})
const full = finding('POOL_NEARLY_FULL', 'warning', { kind: 'pool', host: 'n1', store: 'hot' })
const cold = finding('SCRUB_OVERDUE', 'critical', { kind: 'pool', host: 'n1', store: 'cold' })
const silent = finding('AGENT_UNREACHABLE', 'unknown', { kind: 'host', host: 'n2' })
const missing = finding('PEER_MISSING', 'critical', { kind: 'cluster', cluster: 'main' })
const nothing = { hosts: 0, stores: 0, pools: 0, peers: 0 }
const report: Report = {
  at: Instant.parse(0),
  status: 'critical',
  hosts: ['n1', 'n2'],
  findings: [cold, missing, silent, full],
  totals: {
    findings: { critical: 2, unknown: 1, warning: 1, info: 0, ok: 0 },
    declared: nothing,
    observed: { ...nothing, disks: 0 },
  },
}
const tiers = new Map([
  ['n1', new Set(['hot', 'cold'])],
  ['n1/hot', new Set(['hot'])],
  ['n1/cold', new Set(['cold'])],
])
const ask = (narrow: Partial<Narrow>) =>
  narrowed(report, { hosts: [], tiers: [], codes: [], severities: [], ...narrow }, tiers)

test('asks for everything where nothing is asked', () => {
  expect(ask({})).toBe(report)
})

test('the status is that of what is shown, and what is left out is counted', () => {
  const found = ask({ codes: ['POOL_NEARLY_FULL'] })
  expect(found).toMatchObject({ status: 'warning', findings: [full], narrowing: { asked: '--code POOL_NEARLY_FULL' } })
  expect(found.narrowing?.left).toEqual({ critical: 2, unknown: 1, warning: 0, info: 0, ok: 0 })
  expect(found.totals.findings).toEqual({ critical: 0, unknown: 0, warning: 1, info: 0, ok: 0 })
})

test('by host, with only that host told to be well', () => {
  expect(ask({ hosts: ['n2'] })).toMatchObject({ status: 'unknown', hosts: ['n2'], findings: [silent] })
})

test('by tier: its stores, and hosts of which nothing is known; not the stores of others', () => {
  expect(ask({ tiers: ['hot'] }).findings).toEqual([silent, full])
  expect(ask({ tiers: ['cold'] }).findings).toEqual([cold, silent])
})

test('several of one kind widen, of two kinds narrow', () => {
  expect(ask({ severities: ['critical', 'unknown'] }).findings).toEqual([cold, missing, silent])
  expect(ask({ severities: ['critical'], hosts: ['n1'] }).findings).toEqual([cold])
  expect(ask({ severities: ['critical'], hosts: ['n1'] }).narrowing?.asked).toBe('--host n1 --severity critical')
})
