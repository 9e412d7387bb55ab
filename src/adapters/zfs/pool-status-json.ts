import { z } from 'zod'
import { Pieces } from '../../domain/read-in-part.ts'
import type { PoolStatus, Vdev, VdevClass } from '../../domain/pool-status.ts'
import { counted, entriesOf, fieldsText, holdsVdevs, isRecord, NumberText, parseJson } from './json-values.ts'
import { poolState } from './pool-status-text.ts'
import { scansFromJson } from './scan-json.ts'
import { nestVdevs } from './flat-vdevs.ts'
import { RawVdev } from './raw-vdev.ts'
import { countersOf, vdevFromJson, vdevState } from './vdev-json.ts'
import { noteOf } from './vdev-notes.ts'
import { compact, NotUnderstood, oneLine, whyUnread } from './words.ts'

/** `vers_major` is 0 in 2.3, 2.4 and on master; the pools are read one by one. */
const Document = z.looseObject({
  output_version: z.looseObject({ command: z.literal('zpool status'), vers_major: z.literal(0) }),
  pools: z.record(z.string(), z.unknown()),
})

const RawPool = z.looseObject({
  name: z.string().min(1),
  state: z.string(),
  pool_guid: NumberText.optional(),
  status: z.string().optional(),
  action: z.string().optional(),
  msgid: z.string().optional(),
  error_count: NumberText.nullish(),
  // The errno text where the list cannot be read (suspended pool, 2.3.2).
  errlist: z.union([z.array(z.string()), z.string()]).nullish(),
})
type RawPool = z.infer<typeof RawPool>

const classKeys: Record<string, VdevClass> = {
  special: 'special',
  dedup: 'dedup',
  logs: 'log',
  l2cache: 'cache',
  spares: 'spare',
}

/** The document of `zpool status -j -p -v -P`, 2.3 on. Unknown keys are accepted, unknown words are not. */
export function poolsFromJson(text: string): PoolStatus[] {
  const document = Document.parse(parseJson(text))
  const pieces = new Pieces('pool')
  return pieces.conclude(
    Object.entries(document.pools).flatMap(([name, pool]) => pieces.take(text, () => named(name, pool)) ?? []),
  )
}

function named(name: string, value: unknown): PoolStatus {
  try {
    return poolFrom(value)
  } catch (error) {
    throw new NotUnderstood(`pool ${name}: ${whyUnread(error)}`, { cause: error })
  }
}

function poolFrom(value: unknown): PoolStatus {
  const raw = RawPool.parse(value)
  const { scans, olderScans, unknown } = scansFromJson(raw['scan_stats'])
  const running = scans.find(({ kind, state }) => state === 'in-progress' && (kind === 'scrub' || kind === 'resilver'))
  const trees = nestVdevs(raw, raw.name)
  const root = RawVdev.parse(trees['vdevs'])
  const rootState = vdevState(root.state ?? 'UNKNOWN', root.aux)
  const vdevs: PoolStatus['vdevs'] = { data: [], special: [], dedup: [], log: [], cache: [], spare: [] }
  const read = (tree: unknown, what: string) => entriesOf(tree, what).map(([, vdev]) => vdevFromJson(vdev, running))
  vdevs.data.push(...read(root.vdevs, 'vdevs'))
  for (const [key, tree] of Object.entries(trees)) {
    const vdevClass = classKeys[key]
    if (vdevClass !== undefined) vdevs[vdevClass].push(...read(tree, key))
    // A class that we do not know: its disks count all the same.
    else if (key !== 'vdevs' && holdsVdevs(tree)) vdevs.data.push(...read(tree, key))
  }
  mistrustUnfound(raw, rootState, vdevs)

  const [readErrors, writeErrors, checksumErrors] = countersOf(root)
  return {
    ...compact({
      name: raw.name,
      state: poolState(raw.state, rootState, raw.name),
      guid: raw.pool_guid,
      statusText: raw.status === undefined ? undefined : oneLine(raw.status),
      action: raw.action === undefined ? undefined : oneLine(raw.action),
      messageId: raw.msgid,
      olderScans: olderScans.length === 0 ? undefined : olderScans,
    }),
    scans,
    vdevs,
    root: {
      state: rootState,
      readErrors,
      writeErrors,
      checksumErrors,
      note: noteOf(root, rootState, false, running),
    },
    dataErrors: dataErrors(raw),
    otherSections: [...otherSections(raw), ...unknown.map((text) => ({ header: 'scan', text }))],
  }
}

/**
 * The count is ZFS's own. It can differ from the length of the list, which names a file once more for every snapshot that
 * holds the damage (2.3.2: 1 and 2; 2.4.4: 42 errors in 3 files), but it is never 0 beside a list. EAGAIN
 * for a list is a pool that has stopped.
 */
function dataErrors({ error_count, errlist }: RawPool): PoolStatus['dataErrors'] {
  if (errlist === 'Resource temporarily unavailable') return { count: null, paths: [] }
  const paths = Array.isArray(errlist) ? errlist : []
  const count = counted(error_count ?? undefined) ?? null
  const isUnreadable = typeof errlist === 'string'
  return {
    count: (count === 0 || count === null) && (paths.length > 0 || isUnreadable) ? paths.length || null : count,
    paths,
  }
}

/**
 * A dRAID whose state we had to work out ({@link vdevFromJson}) and found well cannot be believed when the pool is not
 * well and nothing else in it says why.
 */
function mistrustUnfound(raw: RawPool, rootState: string, vdevs: PoolStatus['vdevs']): void {
  const all: Vdev[] = [...vdevs.data, ...vdevs.special, ...vdevs.dedup, ...vdevs.log]
  if ((rootState === 'ONLINE' && raw.state === 'ONLINE') || all.some(({ state }) => state !== 'ONLINE')) return
  for (const vdev of all) if (vdev.kind === 'draid' && vdev.guid === undefined) vdev.state = 'UNKNOWN'
}

/** `removal_stats` and its like under the header that text gives them, with their fields as they are. */
function otherSections(raw: RawPool): PoolStatus['otherSections'] {
  const headers: Record<string, string> = {
    removal_stats: 'remove',
    checkpoint_stats: 'checkpoint',
    raidz_expand_stats: 'expand',
    dedup_stats: 'dedup',
  }
  return Object.entries(raw).flatMap(([key, value]) =>
    key.endsWith('_stats') && key !== 'scan_stats' && isRecord(value)
      ? [{ header: headers[key] ?? key.slice(0, -'_stats'.length), text: fieldsText(value) }]
      : [],
  )
}
