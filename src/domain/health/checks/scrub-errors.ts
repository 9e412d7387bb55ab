import type { Scan } from '../../pool-status.ts'
import { bytesText, durationText } from '../../text-units.ts'
import { age } from '../../units.ts'
import type { Check } from '../check.ts'
import type { Finding } from '../finding.ts'
import { held, placeOfPool, type PoolOnHost, poolsIn, statusEvidence } from '../pools-of-host.ts'

export const scrubErrors: Check = {
  code: 'SCRUB_ERRORS',
  title: 'The last scrub has found damage',
  severities: ['critical', 'warning', 'info'],
  explanation: {
    meaning:
      'The last scrub, resilver or rebuild of the pool ended with errors: blocks that it could not repair. Critical while the pool lists damaged files, or does not tell; warning once it lists none any more. Info when it has repaired something and nothing is left: a disk gave back wrong data, and the other copies were good.',
    endangers: 'What could not be repaired cannot be read. What was repaired was one failure away from that.',
    remedy:
      'Look at DISK_ERRORS and POOL_DATA_ERRORS, restore the files, then scrub again: only a later scrub without errors ends this finding.',
    sources: ['zpool-scrub(8)', '`scrub repaired 0B in 00:00:08 with 0 errors` (recorded on 2.1.11 and 2.3.2)'],
  },
  find: (view) => poolsIn(view).flatMap((pool) => judge(pool)),
}

function judge(pool: PoolOnHost): Finding[] {
  const { name, host, subject, status } = pool
  const scans: readonly Scan[] = status?.scans ?? []
  const bad = scans.filter(({ errors }) => errors !== null && errors > 0)
  const errors = Math.max(0, ...bad.map((scan) => scan.errors ?? 0))
  const repairing = scans.filter(({ kind, repaired }) => kind === 'scrub' && (repaired ?? 0) > 0)
  const [scan] = bad.length > 0 ? bad : repairing
  if (scan === undefined) return []
  const when = scan.endedAt === undefined ? '' : ` ${durationText(age(scan.endedAt, host.now))} ago`
  const common = {
    code: 'SCRUB_ERRORS',
    subject,
    place: placeOfPool(pool),
    evidence: statusEvidence(pool, {
      [scan.kind]: scan.state,
      [`${scan.kind} ended`]: when === '' ? null : when.trim(),
      [`${scan.kind} errors`]: scan.errors,
      [`${scan.kind} repaired`]: scan.repaired === undefined ? null : bytesText(scan.repaired),
      'data errors now': status?.dataErrors.count ?? null,
    }),
  }
  if (bad.length === 0) {
    return [
      {
        ...common,
        severity: 'info',
        summary: `The ${scan.kind} of pool ${name} on ${host.name}${when} has repaired ${bytesText(scan.repaired ?? 0)}; nothing is left damaged.`,
        endangers: '',
        remedy: `Look at the error counts of the disks (\`zpool status ${name}\` on ${host.name}) and at their SMART values: the one that gave back wrong data may be about to fail.`,
      },
    ]
  }
  const isOver = status?.dataErrors.count === 0 && status.dataErrors.unread === undefined
  return [
    {
      ...common,
      severity: isOver ? 'warning' : 'critical',
      count: errors,
      summary: `The ${scan.kind} of pool ${name} on ${host.name}${when} found ${errors} ${errors === 1 ? 'error' : 'errors'} that it could not repair.`,
      endangers: isOver
        ? `The pool lists no damaged file any more; whether ${held(pool)} are whole is known only after another scrub.`
        : `Some of ${held(pool)} may not be whole any more, although they are listed as pinned.`,
      remedy: `Run \`zpool status -v ${name}\` on ${host.name}, restore the files that it names from another holder, a snapshot or a backup, find the disk that is to blame, then run \`zpool scrub ${name}\` again.`,
    },
  ]
}
