import { blockOfFlatfsFile } from '../../pins/flatfs-block.ts'
import type { Check } from '../check.ts'
import { leaves, type PoolStatus } from '../../pool-status.ts'
import { durationText } from '../../text-units.ts'
import { age } from '../../units.ts'
import type { Evidence, Finding } from '../finding.ts'
import { held, placeOfPool, type PoolOnHost, poolsIn, statusEvidence } from '../pools-of-host.ts'

/** How many damaged files a finding names; the rest is counted. */
const maxPaths = 10

export const poolDataErrors: Check = {
  code: 'POOL_DATA_ERRORS',
  title: 'A pool holds data that it cannot repair',
  severities: ['critical', 'unknown'],
  explanation: {
    meaning:
      '`zpool status -v` lists files or objects with permanent errors: no copy on the pool has the right checksum. ZFS empties this list whenever a scan ends: also when a scrub or an error scrub is stopped, when a resilver has finished, or when a scrub has read a part of the pool. So the agent keeps what was listed until a scrub of the whole pool has read it again. Unknown when the `errors:` line is missing, as it is without root rights and while a pool is suspended (what it counts then are reads that failed, not files): missing is not "none". Unknown too when the last scrub was stopped and disks have errors: the list may have been emptied before anybody looked.',
    endangers:
      'The listed files cannot be read. A damaged block file is a pin whose copy here is not whole, although Cluster and Kubo call it pinned.',
    remedy:
      'Find the cause first (disk, cable, memory). Restore the listed files from another holder, a snapshot or a backup, then scrub the whole pool and let it end: an entry goes with the scrub that reads it without an error. Do not stop that scrub: a stopped one empties the list and proves nothing.',
    sources: [
      'zpool-status(8), -v',
      'https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-8A',
      'the line is missing from a suspended pool and without privileges (measured on 2.1.11 and 2.3.2)',
      'stopping a scrub or an error scrub empties the list; one whole scrub without errors does too (measured on 2.4.4; `spa_errlog_rotate` in dsl_scan.c of 2.1 to 2.4)',
    ],
  },
  find: (view) => poolsIn(view).flatMap((pool) => judge(pool)),
}

function judge(pool: PoolOnHost): Finding[] {
  const { name, host, subject, status, states } = pool
  if (status === undefined) return []
  const { count, paths, unread, forgotten, isUnlisted } = status.dataErrors
  const common = { code: 'POOL_DATA_ERRORS', subject, place: placeOfPool(pool) }
  // The message says "corrupt data" also where the list behind it is empty.
  const told = status.messageId === 'ZFS-8000-8A' ? 1 : 0
  // Without a list there is only the number of errors, which is not that of files.
  const known = paths.length > 0 ? paths.length : Math.max(count ?? 0, told)
  const restore = `Restore the files from another holder, a snapshot or a backup, then run \`zpool scrub ${name}\` and let it end: it forgets what it has read without an error; a scrub that is stopped forgets everything and has proven nothing.`
  if (known > 0) {
    const [path] = paths
    const things =
      path === undefined && known > 1
        ? 'errors in its data'
        : known === 1
          ? 'damaged file or object'
          : 'damaged files or objects'
    return [
      {
        ...common,
        severity: 'critical',
        count: known + (unread?.count ?? 0),
        summary: `Pool ${name} on ${host.name} has ${known} ${things} that it cannot repair${path === undefined ? '' : `, such as ${path}`}${unread === undefined ? '' : `, and ${unread.count} that it does not list any more and nobody has read since`}.${isUnlisted === true ? ' The list of damaged files cannot be read.' : ''}`,
        evidence: [
          ...statusEvidence(pool, {
            'data errors': count,
            ...(isUnlisted === true ? { 'list of damaged files': 'ends in the middle of a name' } : {}),
          }),
          ...filesOf(pool, paths, 'damaged file'),
          ...filesOf(pool, unread?.paths ?? [], 'file that was damaged'),
        ],
        endangers: `The damaged files cannot be read. On this pool are ${held(pool)}: some of them may no longer be whole, although they are listed as pinned.`,
        remedy: `Run \`zpool status -v ${name}\` on ${host.name} for all files, and find the cause first (disks, cables, memory). ${restore}`,
      },
    ]
  }
  if (unread !== undefined) {
    const things =
      unread.paths.length === 0
        ? 'errors in its data'
        : unread.count === 1
          ? 'file or object as damaged'
          : 'files or objects as damaged'
    const [path] = unread.paths
    return [
      {
        ...common,
        severity: 'critical',
        count: unread.count,
        summary: `Pool ${name} on ${host.name} listed ${unread.count} ${things}${path === undefined ? '' : `, such as ${path}`}, and lists none any more; but nothing has read them again since.`,
        evidence: [
          ...statusEvidence(pool, {
            'data errors': count,
            'last listed': `${durationText(age(unread.listedAt, host.now))} ago`,
            ...lastScan(status),
          }),
          ...filesOf(pool, unread.paths, 'file that was damaged'),
        ],
        endangers: `A scrub or resilver that ends in any way empties the list of ZFS, and the files are as damaged as before. On this pool are ${held(pool)}: some of them may no longer be whole, although they are listed as pinned.`,
        remedy: restore,
      },
    ]
  }
  if (count !== null) return emptiedUnseen(pool, status)
  const endangers = `Damage to ${held(pool)} would go unnoticed.`
  if (forgotten !== undefined) {
    return [
      {
        ...common,
        severity: 'unknown',
        summary: `It is not known whether pool ${name} on ${host.name} has damaged files: it lists none, and what it has listed before is not known.`,
        evidence: statusEvidence(pool, { 'what was listed before': forgotten }),
        endangers,
        remedy: `Make the note readable for the agent. Where it is lost, scrub the pools of ${host.name} whole (\`zpool scrub ${name}\`), then remove it.`,
      },
    ]
  }
  const suspended = states.some(({ state }) => state === 'SUSPENDED')
  return [
    {
      ...common,
      severity: 'unknown',
      summary: `It is not known whether pool ${name} on ${host.name} has damaged files: ${suspended ? 'it does not tell while it is stopped' : 'the list of errors was not shown'}.`,
      evidence: statusEvidence(pool, { 'data errors': null }),
      endangers,
      remedy: suspended
        ? `Bring the pool back first (POOL_SUSPENDED), then look again.`
        : `Let the executor run on ${host.name} (it reads \`zpool status -v\` as root), or run that command as root yourself.`,
    },
  ]
}

/** An empty list says nothing where a stopped scrub has emptied it, and disks tell of errors. */
function emptiedUnseen(pool: PoolOnHost, status: PoolStatus): Finding[] {
  const [last] = status.scans
  const isStopped = (last?.kind === 'scrub' || last?.kind === 'error-scrub') && last.state === 'canceled'
  const { data, special, dedup } = status.vdevs
  const errors = leaves([...data, ...special, ...dedup]).filter(
    ({ readErrors, checksumErrors }) => (readErrors ?? 0) + (checksumErrors ?? 0) > 0,
  )
  if (!isStopped || errors.length === 0) return []
  const { name, host, subject } = pool
  return [
    {
      code: 'POOL_DATA_ERRORS',
      subject,
      place: placeOfPool(pool),
      severity: 'unknown',
      summary: `It is not known whether pool ${name} on ${host.name} has damaged files: its last ${last.kind === 'scrub' ? 'scrub' : 'error scrub'} was stopped, which empties the list, and its disks have errors.`,
      evidence: statusEvidence(pool, {
        'data errors': 0,
        ...lastScan(status),
        ...Object.fromEntries(
          errors
            .slice(0, maxPaths)
            .map((leaf) => [
              `read and checksum errors of ${leaf.name}`,
              (leaf.readErrors ?? 0) + (leaf.checksumErrors ?? 0),
            ]),
        ),
      }),
      endangers: `Damage to ${held(pool)} would go unnoticed.`,
      remedy: `Run \`zpool scrub ${name}\` on ${host.name} and let it end: then the list tells.`,
    },
  ]
}

function lastScan({ scans: [last] }: PoolStatus): Record<string, string> {
  return last === undefined ? {} : { 'last scan': `${last.kind} ${last.state}` }
}

function filesOf(pool: PoolOnHost, paths: readonly string[], called: string): Evidence[] {
  return statusEvidence(
    pool,
    Object.fromEntries(
      paths.slice(0, maxPaths).flatMap((path, index): [string, string][] => {
        const block = blockOfFlatfsFile(path)
        const file: [string, string] = [`${called} ${index + 1}`, path]
        return block === undefined ? [file] : [file, [`block in ${called} ${index + 1}`, block]]
      }),
    ),
  )
}
