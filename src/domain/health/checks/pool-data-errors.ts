import { blockOfFlatfsFile } from '../../pins/flatfs-block.ts'
import type { Check } from '../check.ts'
import type { Finding } from '../finding.ts'
import { held, placeOfPool, poolsIn, statusEvidence } from '../pools-of-host.ts'

/** How many damaged files a finding names; the rest is counted. */
const maxPaths = 10

export const poolDataErrors: Check = {
  code: 'POOL_DATA_ERRORS',
  title: 'A pool holds data that it cannot repair',
  severities: ['critical', 'unknown'],
  explanation: {
    meaning:
      '`zpool status -v` lists files or objects with permanent errors: no copy on the pool has the right checksum. Unknown when the `errors:` line is missing, as it is without root rights and while a pool is suspended: missing is not "none".',
    endangers:
      'The listed files cannot be read. A damaged block file is a pin whose copy here is not whole, although Cluster and Kubo call it pinned.',
    remedy:
      'Find the cause first (disk, cable, memory). Restore the listed files from another holder, a snapshot or a backup, then scrub: ZFS forgets an entry only after two clean scrubs.',
    sources: [
      'zpool-status(8), -v',
      'https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-8A',
      'the line is missing from a suspended pool and without privileges (measured on 2.1.11 and 2.3.2)',
    ],
  },
  find: (view) =>
    poolsIn(view).flatMap((pool): Finding[] => {
      const { name, host, subject, status, states } = pool
      if (status === undefined) return []
      const { count, paths } = status.dataErrors
      const common = { code: 'POOL_DATA_ERRORS', subject, place: placeOfPool(pool) }
      // The message says "corrupt data" also where the list behind it is empty.
      const told = status.messageId === 'ZFS-8000-8A' ? 1 : 0
      const known = Math.max(count ?? 0, paths.length, told)
      const files = statusEvidence(
        pool,
        Object.fromEntries(
          paths.slice(0, maxPaths).flatMap((path, index): [string, string][] => {
            const block = blockOfFlatfsFile(path)
            const file: [string, string] = [`damaged file ${index + 1}`, path]
            return block === undefined ? [file] : [file, [`block in damaged file ${index + 1}`, block]]
          }),
        ),
      )
      if (known > 0) {
        const things = known === 1 ? 'file or object' : 'files or objects'
        return [
          {
            ...common,
            severity: 'critical',
            count: known,
            summary: `Pool ${name} on ${host.name} has ${known} damaged ${things} that it cannot repair${paths[0] === undefined ? '' : `, such as ${paths[0]}`}.`,
            evidence: [...statusEvidence(pool, { 'data errors': count }), ...files],
            endangers: `The damaged files cannot be read. On this pool are ${held(pool)}: some of them may no longer be whole, although they are listed as pinned.`,
            remedy: `Run \`zpool status -v ${name}\` on ${host.name} for all files, and find the cause first (disks, cables, memory). Restore the files from another holder, a snapshot or a backup, then run \`zpool scrub ${name}\` twice: ZFS forgets repaired files only after two clean scrubs.`,
          },
        ]
      }
      if (count !== null) return []
      const suspended = states.some(({ state }) => state === 'SUSPENDED')
      return [
        {
          ...common,
          severity: 'unknown',
          summary: `It is not known whether pool ${name} on ${host.name} has damaged files: ${suspended ? 'it does not tell while it is stopped' : 'the list of errors was not shown'}.`,
          evidence: statusEvidence(pool, { 'data errors': null }),
          endangers: `Damage to ${held(pool)} would go unnoticed.`,
          remedy: suspended
            ? `Bring the pool back first (POOL_SUSPENDED), then look again.`
            : `Let the executor run on ${host.name} (it reads \`zpool status -v\` as root), or run that command as root yourself.`,
        },
      ]
    }),
}
