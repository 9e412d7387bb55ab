import { describe, expect, it } from 'vitest'
import { finding } from '../../../test/builders/finding.ts'
import { causes, explainCauses } from './causes.ts'
import { checks } from './checks/index.ts'
import { familiesOf } from './families.ts'

const disk = finding({ code: 'DISK_REMOVED', subject: 'n1/hot-tier/sda', place: { kind: 'disk', host: 'n1' } })
const pool = finding({ subject: 'n1/hot-tier', place: { kind: 'pool', host: 'n1' } })
const otherPool = finding({ subject: 'n1/cold-tier', place: { kind: 'pool', host: 'n1' } })
const explained = (...findings: Parameters<typeof explainCauses>[0]) =>
  explainCauses(findings).flatMap(({ code, subject, explainedBy }) =>
    explainedBy === undefined ? [] : [`${code} ${subject} by ${explainedBy.code} ${explainedBy.subject}`],
  )

describe('what is only a consequence', () => {
  it('says of what', () => {
    expect(explained(pool, disk, otherPool)).toEqual(['POOL_DEGRADED n1/hot-tier by DISK_REMOVED n1/hot-tier/sda'])
  })

  it('stands by itself where its cause is not found, or needs nobody', () => {
    expect(explained(pool, otherPool)).toEqual([])
    expect(explained(pool, { ...disk, severity: 'info' })).toEqual([])
  })

  it('is nothing that was seen to be wrong where the cause only keeps from seeing', () => {
    const silent = finding({
      code: 'AGENT_UNREACHABLE',
      severity: 'unknown',
      subject: 'n1',
      place: { kind: 'host', host: 'n1' },
    })
    const missing = {
      code: 'PEER_MISSING',
      subject: 'n1/hot/peer',
      place: { kind: 'peer', host: 'n1', store: 'hot' },
    } as const
    expect(explained(silent, finding({ ...missing, severity: 'critical' }))).toEqual([])
    expect(explained(silent, finding({ ...missing, severity: 'unknown' }))).toHaveLength(1)
  })

  it('is no more than the cause has', () => {
    const main = { place: { kind: 'cluster' as const, cluster: 'main' }, subject: 'main' }
    const lost = finding({ code: 'PINS_WITHOUT_COMPLETE_COPY', count: 3, ...main })
    const errors = {
      code: 'PIN_ERRORS',
      subject: 'n1/hot/peer',
      place: { kind: 'peer', host: 'n1', cluster: 'main' },
    } as const
    expect(explained(lost, finding({ ...errors, count: 3 }))).toHaveLength(1)
    expect(explained(lost, finding({ ...errors, count: 4 }))).toEqual([])
  })
})

it('no cause is, by whatever way, a consequence of itself, and every code is one that a check has', () => {
  const codes = new Set(checks.map(({ code }) => code))
  const after = new Map<string, Set<string>>()
  for (const { codes: from, explains } of causes) {
    for (const code of [...from, ...explains]) expect(codes).toContain(code)
    for (const code of from) after.set(code, new Set([...(after.get(code) ?? []), ...explains]))
  }
  const reaches = (code: string, seen = new Set<string>()): Set<string> => {
    for (const next of after.get(code) ?? []) if (!seen.has(next)) reaches(next, seen.add(next))
    return seen
  }
  for (const code of after.keys()) expect(reaches(code)).not.toContain(code)
})

describe('a family', () => {
  const members = explainCauses([pool, disk])

  it('is told by its cause, as bad as its worst', () => {
    const [family] = familiesOf(members.map((one) => (one.code === pool.code ? { ...one, severity: 'critical' } : one)))
    expect(family).toMatchObject({
      severity: 'critical',
      root: { code: 'DISK_REMOVED' },
      follow: [{ code: 'POOL_DEGRADED' }],
    })
  })

  it('without its cause, which is muted or filtered away, is told by what is left', () => {
    expect(familiesOf(members.slice(0, 1))).toMatchObject([{ root: { code: 'POOL_DEGRADED' }, follow: [] }])
  })
})
