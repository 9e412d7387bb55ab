import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { leaves, type PoolStatus, type Scan, type Vdev, vdevClasses } from '../../domain/pool-status.ts'

/** For tests only: the recorded outputs, and what every test of them asks. */

const fixtures = new URL('../../../test/fixtures/', import.meta.url)

export const versions = ['2.1.11', '2.3.2', '2.4.4'] as const

/** Every recorded output of `zpool status` (and the listings of `zpool import` beside them) of one version. */
export function statusFiles(version: (typeof versions)[number]): { file: string; text: string }[] {
  const folder = new URL(`openzfs-${version}/zpool-status/`, fixtures)
  return readdirSync(folder)
    .toSorted()
    .map((file) => ({ file, text: readFileSync(new URL(file, folder), 'utf8') }))
}

/** What a person agreed to see in each of them. */
export function expectations(version: (typeof versions)[number]): Record<string, unknown> {
  const text = readFileSync(new URL(`openzfs-${version}/expected.json`, fixtures), 'utf8')
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
}

/** An output as somebody has reported it (test/fixtures/reported). */
export const reported = (file: string): string => readFileSync(new URL(`reported/${file}`, fixtures), 'utf8')

/** One recorded run of another command. `exit` is its status. */
const Recorded = z.object({
  name: z.string(),
  cmd: z.string(),
  exit: z.number(),
  stdout: z.string(),
  stderr: z.string(),
})
type Recorded = z.infer<typeof Recorded>

export function recorded(version: string, name: string): Recorded {
  const run = allRecorded(version, name).find((one) => one.name === name)
  if (run === undefined) throw new Error(`no recorded run ${name} of ${version}`)
  return run
}

/** Every recorded run of one version whose name ends so. */
export function allRecorded(version: string, end: string): Recorded[] {
  return readFileSync(new URL(`openzfs-${version}/commands.jsonl`, fixtures), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => Recorded.parse(JSON.parse(line)))
    .filter(({ name }) => name.endsWith(end))
}

/**
 * What the same version prints of `zpool list -v` when it is asked as we ask: the default listing was recorded, whose ALTROOT stands last in
 * the line of a pool, and from 2.4.1 on in that of a vdev too.
 */
export const asAsked = (stdout: string): string =>
  stdout
    .split('\n')
    .map((line) =>
      line.includes('\t')
        ? line
            .split('\t')
            .slice(0, line.startsWith('\t') ? 11 : 10)
            .join('\t')
        : line,
    )
    .join('\n')

/** Published outputs lie beside the project where it is developed; their licences differ, so they are not in it. */
const published = new URL('../../../../shared/samples/published/', import.meta.url)
export const hasPublished = existsSync(published)
export const publishedFiles = (): { file: string; text: string }[] =>
  readdirSync(published)
    .filter((file) => !file.endsWith('.tsv'))
    .map((file) => ({ file, text: readFileSync(new URL(file, published), 'utf8') }))

/** The oracle: nothing in this status says that anything is, or may be, wrong. */
export function isClean(status: PoolStatus): boolean {
  return (
    status.state === 'ONLINE' &&
    status.root.state === 'ONLINE' &&
    hasNoErrors(status.root) &&
    vdevClasses.every((name) => status.vdevs[name].every((vdev) => isVdevClean(vdev, name === 'spare'))) &&
    status.dataErrors.count === 0 &&
    status.dataErrors.paths.length === 0
  )
}

function isVdevClean(vdev: Vdev, isSpare: boolean): boolean {
  const isWell = isSpare ? vdev.state === 'AVAIL' || vdev.state === 'INUSE' : vdev.state === 'ONLINE'
  return (
    isWell &&
    (isSpare ? [vdev.readErrors, vdev.writeErrors, vdev.checksumErrors].every((count) => !count) : hasNoErrors(vdev)) &&
    vdev.children.every((child) => isVdevClean(child, isSpare))
  )
}

const hasNoErrors = ({
  readErrors,
  writeErrors,
  checksumErrors,
}: Pick<Vdev, 'readErrors' | 'writeErrors' | 'checksumErrors'>) =>
  readErrors === 0 && writeErrors === 0 && checksumErrors === 0

/** A status short enough to be compared with the raw text by eye: one line a vdev, one a scan. */
export function digest(status: PoolStatus): Record<string, unknown> {
  return {
    name: status.name,
    state: status.state,
    ...(status.messageId === undefined ? {} : { messageId: status.messageId }),
    root: rowText(status.root),
    vdevs: vdevClasses.flatMap((name) => status.vdevs[name].flatMap((vdev) => rows(vdev, `${name}: `))),
    scans: status.scans.map((scan) => scanText(scan)),
    dataErrors: status.dataErrors,
    otherSections: status.otherSections.map(({ header }) => header),
  }
}

function rows(vdev: Vdev, prefix: string): string[] {
  const children = vdev.children.flatMap((child) => rows(child, `${prefix}${vdev.name} > `))
  return [`${prefix}${vdev.name} (${vdev.kind}) ${rowText(vdev)}`, ...children]
}

const rowText = (row: Omit<PoolStatus['root'], 'state'> & { state: string }): string =>
  `${row.state} ${row.readErrors ?? '-'} ${row.writeErrors ?? '-'} ${row.checksumErrors ?? '-'} ${row.note}`.trim()

const iso = (instant: number | undefined): string =>
  instant === undefined ? '-' : new Date(instant).toISOString().slice(0, 19)

function scanText({ kind, state, vdev, startedAt, pausedAt, endedAt, share, repaired, errors }: Scan): string {
  const times = `${iso(startedAt)} paused ${iso(pausedAt)} ended ${iso(endedAt)}`
  const done = share === undefined ? '-' : `${(share * 100).toFixed(2)} %`
  return `${kind} ${vdev ?? '-'} ${state} ${times} done ${done} repaired ${repaired ?? '-'} errors ${errors ?? '-'}`
}

/** The last part of a path: `-P` prints `/dev/vdb1` where the short form is `vdb1` or `vdb`. */
const shortName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/** What text and JSON must have in common for the same pool. */
export function common(status: PoolStatus): unknown {
  const row = (vdev: Vdev): unknown => [
    shortName(vdev.name),
    vdev.kind,
    vdev.state,
    vdev.readErrors,
    vdev.writeErrors,
    vdev.checksumErrors,
    vdev.note,
    vdev.children.map((child) => row(child)),
  ]
  return {
    name: status.name,
    state: status.state,
    statusText: status.statusText,
    action: status.action,
    messageId: status.messageId,
    root: status.root,
    vdevs: vdevClasses.map((name) => status.vdevs[name].map((vdev) => row(vdev))),
    // How much is done has fewer digits in text, and text does not tell a scrub of all from one of a part.
    scans: status.scans.map(({ kind, state, vdev, endedAt, errors }) => [kind, state, vdev, endedAt, errors]),
    // Where files are listed, text counts these, and JSON damaged blocks.
    dataErrors: { paths: status.dataErrors.paths, isNone: status.dataErrors.count === 0 },
  }
}

/** Every leaf of every class. */
export const allLeaves = (status: PoolStatus): Vdev[] => vdevClasses.flatMap((name) => leaves(status.vdevs[name]))
