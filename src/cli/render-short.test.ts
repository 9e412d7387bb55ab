import { expect, test } from 'vitest'
import { finding } from '../../test/builders/finding.ts'
import { type Finding, worst } from '../domain/health/finding.ts'
import { type Health, tally } from '../domain/health/judge.ts'
import { Instant } from '../domain/units.ts'
import { renderShort } from './render-short.ts'

const at = Instant.parse(1_800_000_000_000)
const since = () => Instant.parse(at - 600_000)
const plain = { colours: false, columns: 80 }
const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index + 1}`)

function health(findings: Finding[], count = 3): Health {
  const nothing = { hosts: count, stores: 0, pools: 0, peers: 0 }
  return {
    at,
    status: worst(findings.map(({ severity }) => severity)),
    hosts: names(count),
    findings,
    totals: { findings: tally(findings), declared: nothing, observed: { ...nothing, hosts: count - 1, disks: 0 } },
  }
}

const scheduler = (host: string) =>
  finding({ code: 'FOREIGN_SCHEDULER', severity: 'info', subject: host, place: { kind: 'host', host } })
const disk = finding({
  code: 'DISK_REMOVED',
  severity: 'critical',
  subject: 'n1/hot-tier/sdb',
  place: { kind: 'disk', host: 'n1' },
  summary:
    'Disk sdb of pool hot-tier on n1 is gone: it was pulled, or its cable, its slot or its controller has failed.',
  remedy: 'Check that the disk sits. Then replace it.',
})
const pool = finding({ subject: 'n1/hot-tier', explainedBy: { code: 'DISK_REMOVED', subject: 'n1/hot-tier/sdb' } })

test('two lines for a cause: how bad, where, what; its code, how much follows from it, since when, what to do first', () => {
  expect(renderShort(health([disk, pool, scheduler('n1'), scheduler('n2')]), plain, { since })).toEqual([
    'CRITICAL · 2 of 3 hosts seen · 1 critical, 2 info (and 1 that follow) · 0',
    'stores, 0 pools, 0 peers, 0 disks',
    '',
    'CRITICAL n1/hot-tier/sdb  Disk sdb of pool hot-tier on n1 is gone: it was pulle…',
    '  DISK_REMOVED +1  since 07:50 UTC. Check that the disk sits.',
    '',
    '2 infos: FOREIGN_SCHEDULER ×2  (tiercel health --long)',
  ])
})

test('a hundred hosts that are well, but for an info each, are a few lines', () => {
  expect(renderShort(health(names(100).map(scheduler), 100), plain).length).toBeLessThanOrEqual(6)
})

test('a thousand hosts that are all broken alike are one finding, with the way to all of them', () => {
  const all = names(1000).map((host) => ({
    ...disk,
    subject: `${host}/hot-tier/sdb`,
    place: { kind: 'disk' as const, host },
  }))
  const lines = renderShort(health(all, 1000), plain)
  expect(lines).toContain('CRITICAL DISK_REMOVED on 1000  n1/hot-tier/sdb, n2/hot-tier/sdb, n3/hot-tier/sd…')
  expect(lines).toContain('  DISK_REMOVED  tiercel health show DISK_REMOVED')
  expect(lines.length).toBeLessThanOrEqual(6)
})

test('what has no room is counted, the least bad first, and never more lines than there are', () => {
  const many = names(50).flatMap((host, index) => [
    { ...disk, code: `A${index}`, subject: host },
    { ...disk, code: `B${index}`, subject: host, severity: 'warning' as const },
  ])
  const lines = renderShort(health(many, 1000), { ...plain, rows: 30 })
  expect(lines.length).toBeLessThanOrEqual(30)
  expect(lines.at(-1)).toMatch(/^and 7\d more, 2\d critical, 50 warning: tiercel health --long$/)
  expect(lines.filter((line) => line.startsWith('WARNING'))).toEqual([])
  expect(renderShort(health(many, 1000), plain).length).toBeLessThanOrEqual(40)
})

test.each([80, 54, 40, 20, 5])('no line is wider than a screen of %i columns, nor obeys a name', (columns) => {
  const hostile = { ...disk, subject: `n1/${'x'.repeat(4096)}\u001b[2J/end`, summary: 'a\nb' }
  const width = Math.max(20, columns)
  for (const line of renderShort(health([hostile, pool, scheduler('n1')]), { ...plain, columns })) {
    expect(line.length).toBeLessThanOrEqual(width)
    expect(line).not.toContain('\u001b')
  }
})

test('a fleet of no hosts is a line', () => {
  expect(
    renderShort(
      { ...health([], 0), totals: { ...health([], 1).totals, declared: { hosts: 0, stores: 0, pools: 0, peers: 0 } } },
      plain,
    ),
  ).toHaveLength(1)
})
