/** An error of a release that matters to pins, and when a host or a Kubo has it. */
export interface KnownBug<Facts> {
  /** Stable, short: it ends the subject of the finding. */
  id: string
  /** What it does: for a sentence. */
  does: string
  endangers: string
  remedy: string
  sources: readonly string[]
  /** `yes`, `no`, or `unsure`: the version is one that has it, but the package may be mended, or a condition is not known. */
  has(facts: Facts): 'yes' | 'no' | 'unsure'
}

export interface ZfsFacts {
  /** The module's version where it is told: `2.1.11-1+deb12u1`. */
  version: string
  /** Whether users without rights may make user namespaces; null where that is not known. */
  userNamespaces: boolean | null
  /** Whether it has a dRAID; null where that is not known. */
  draid: boolean | null
}

export interface KuboFacts {
  version: string
  enableGc: boolean | null
  provideStrategy: string | null
}

/** Errors of OpenZFS, by the version of its upstream release and the revision of its package. */
export const zfsBugs: readonly KnownBug<ZfsFacts>[] = [
  {
    id: 'dnode-dirty',
    does: 'can give zeros instead of data for a file that is read while it is written (CVE-2023-49298)',
    endangers: 'Blocks that are copied out of files just written can be wrong, and nothing on the pool shows it.',
    remedy: 'Update OpenZFS to 2.1.14, 2.2.2 or later, or to a package with the fix (Debian 12: 2.1.11-1+deb12u1).',
    sources: ['https://github.com/openzfs/zfs/issues/15526', 'changelog of Debian’s zfs-linux 2.1.11-1+deb12u1'],
    has: ({ version }) => {
      if (!isBefore(version, '2.1.14') && !isWithin(version, '2.2.0', '2.2.2')) return 'no'
      if (/^2\.1\.11-1\+deb12u\d/.test(version)) return 'no'
      return mayBePatched(version) ? 'unsure' : 'yes'
    },
  },
  {
    id: 'block-cloning',
    does: 'can corrupt files that are copied by block cloning, which is switched on in 2.2.0',
    endangers: 'Files copied with a recent `cp` can hold wrong data, and no scrub finds it.',
    remedy: 'Update OpenZFS to 2.2.2 or later; until then set zfs_bclone_enabled=0 where the module has it.',
    sources: ['https://github.com/openzfs/zfs/issues/15526', 'release notes of OpenZFS 2.2.1: block cloning is off'],
    has: ({ version }) => (isWithin(version, '2.2.0', '2.2.1') ? (mayBePatched(version) ? 'unsure' : 'yes') : 'no'),
  },
  {
    id: 'user-namespaces',
    does: 'lets users without rights act on pools from a user namespace',
    endangers: 'Whoever can run a program on this host, the Kubo among them, may get at its pools.',
    remedy:
      'Update OpenZFS to 2.2.11, 2.3.9, 2.4.4 or later (Debian 13: 2.3.9-0+deb13u1). Where that is not to be had, forbid user namespaces to users: kernel.unprivileged_userns_clone=0 in sysctl.d.',
    sources: [
      'changelog of Debian’s zfs-linux 2.3.9-0+deb13u1 (“open zpool manipulation and escapes via unprivileged userns”)',
      'https://github.com/openzfs/zfs/commit/f0a26a89ab (in 2.2.11, 2.3.9, 2.4.4)',
    ],
    has: ({ version, userNamespaces }) => {
      if (userNamespaces === false || !isInLines(version, '0.0.0', { '2.2': 11, '2.3': 9, '2.4': 4 })) return 'no'
      // Nobody has said whether releases before 2.2, which know no zones, have it.
      return userNamespaces === null || isBefore(version, '2.2.0') ? 'unsure' : 'yes'
    },
  },
  {
    id: 'clone-freed-blocks',
    does: 'can read blocks that were freed after they had been cloned',
    endangers: 'Files that were copied by block cloning (a recent `cp`, where it is switched on) may be read wrong.',
    remedy: 'Update OpenZFS to 2.3.9, 2.4.4 or later; until then set zfs_bclone_enabled=0.',
    sources: ['https://github.com/openzfs/zfs/issues/18421', 'https://github.com/openzfs/zfs/pull/18724'],
    // Block cloning came with 2.2, and is on from 2.3 on.
    has: ({ version }) => inLines(version, '2.3.0', { '2.3': 9, '2.4': 4 }),
  },
  {
    id: 'clone-truncate',
    does: 'can give wrong data for a file that was cloned and then truncated',
    endangers: 'Files that were copied by block cloning (a recent `cp`, where it is switched on) may be read wrong.',
    remedy: 'Update OpenZFS to 2.3.7, 2.4.2 or later; until then set zfs_bclone_enabled=0.',
    sources: ['https://github.com/openzfs/zfs/commit/dceca0d4a3 (in 2.3.7, 2.4.2)'],
    has: ({ version }) => inLines(version, '2.3.0', { '2.3': 7, '2.4': 2 }),
  },
  {
    id: 'draid-clear',
    does: 'can corrupt a dRAID when the errors of a disk are cleared, and leave checksum errors after a rebuild with degraded disks',
    endangers: 'After a disk of the dRAID was cleared or replaced, copies on it may not be whole.',
    remedy:
      'Update OpenZFS to 2.2.10, 2.3.7, 2.4.2 or later; until then scrub after every `zpool clear` and every replacement.',
    sources: [
      'https://github.com/openzfs/zfs/commit/b8cc4c504c (in 2.2.10, 2.3.7, 2.4.2)',
      'https://github.com/openzfs/zfs/commit/6741f501ea (in 2.2.10, 2.3.7, 2.4.2)',
    ],
    has: ({ version, draid }) => {
      if (draid === false) return 'no'
      const has = inLines(version, '2.1.0', { '2.2': 10, '2.3': 7, '2.4': 2 })
      return has === 'yes' && draid === null ? 'unsure' : has
    },
  },
]

/** Errors of Kubo. */
export const kuboBugs: readonly KnownBug<KuboFacts>[] = [
  {
    id: 'gc-shutdown',
    does: 'never ends after `ipfs shutdown` when it runs with --enable-gc',
    endangers: 'What stops it over its API waits for ever, and the host may then be stopped with the repository open.',
    remedy: 'Stop it with systemctl (SIGTERM works), and take --enable-gc out of its unit.',
    sources: ['https://github.com/ipfs/kubo/issues/11424', 'https://github.com/ipfs/kubo/pull/11447'],
    has: ({ version, enableGc }) => (enableGc === true && !isAfter(version, '0.43.0') ? 'yes' : 'no'),
  },
  {
    id: 'gc-mfs',
    does: 'can block its MFS for ever when garbage is collected while files are written',
    endangers: 'Whatever uses MFS on this Kubo stands until it is started anew.',
    remedy: 'Update Kubo to 0.43, and take --enable-gc out of its unit.',
    sources: ['changelog of Kubo 0.43: MFS and garbage collection', 'https://github.com/pkcprotocol/pkc-js/issues/225'],
    has: ({ version, enableGc }) => (enableGc === true && isBefore(version, '0.43.0') ? 'yes' : 'no'),
  },
  {
    id: 'pin-hangs',
    does: 'can hang for hours in pin requests with its Provide.Strategy',
    endangers: 'Pins wait for a Kubo that does not answer, and the queue of the Cluster peer stands.',
    remedy: 'Update Kubo to 0.42 or later; until then set Provide.Strategy to all.',
    sources: ['https://github.com/ipfs/kubo/issues/10596'],
    has: ({ version, provideStrategy }) =>
      isBefore(version, '0.42.0') && /pinned|roots/.test(provideStrategy ?? '') ? 'yes' : 'no',
  },
]

/** Numbers of the release, without the revision of the package. undefined for what is no version. */
function release(version: string): number[] | undefined {
  const found = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)
  return found === null ? undefined : [1, 2, 3].map((index) => Number(found[index] ?? 0))
}

/** Negative when the first is earlier; undefined where one of them is no version. */
export function compareReleases(one: string, other: string): number | undefined {
  const [a, b] = [release(one), release(other)]
  if (a === undefined || b === undefined) return undefined
  for (const [index, number] of a.entries()) {
    const difference = number - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

const isBefore = (version: string, limit: string): boolean => (compareReleases(version, limit) ?? 0) < 0
const isAfter = (version: string, limit: string): boolean => (compareReleases(version, limit) ?? 1) > 0
const isWithin = (version: string, from: string, before: string): boolean =>
  !isBefore(version, from) && isBefore(version, before) && release(version) !== undefined

/**
 * Whether a release has an error that came with `from` and was mended in each line on its own: `{ '2.3': 9 }` is 2.3.9. A line
 * before the first of these was never mended, one that is newer than all has never had it.
 */
function isInLines(version: string, from: string, mendedIn: Readonly<Record<string, number>>): boolean {
  const numbers = release(version)
  if (numbers === undefined || isBefore(version, from)) return false
  const line = numbers.slice(0, 2).join('.')
  const mended = Object.hasOwn(mendedIn, line) ? mendedIn[line] : undefined
  if (mended !== undefined) return (numbers[2] ?? 0) < mended
  return Object.keys(mendedIn).every((other) => isBefore(version, other))
}

/** The same where nothing else decides: a package may carry the fix. */
const inLines = (...range: Parameters<typeof isInLines>): 'yes' | 'no' | 'unsure' =>
  !isInLines(...range) ? 'no' : mayBePatched(range[0]) ? 'unsure' : 'yes'

/** A distribution has changed it since the release: which fixes it carries, the version does not say. */
const mayBePatched = (version: string): boolean => /ubuntu|\+deb|pve|~bpo|\.el\d/.test(version)
