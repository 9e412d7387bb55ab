import type { Finding } from '../../src/domain/health/finding.ts'

export const finding = (changes: Partial<Finding> = {}): Finding => ({
  code: 'POOL_DEGRADED',
  severity: 'warning',
  subject: 'n1/tank',
  place: { kind: 'pool', host: 'n1' },
  summary: 'A pool is degraded.',
  evidence: [],
  endangers: 'a copy',
  remedy: 'replace the disk',
  ...changes,
})
